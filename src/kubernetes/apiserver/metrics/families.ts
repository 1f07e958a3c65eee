// Counters and histograms with labels: a series is made when it is first counted.

import { type BucketCounts, createBuckets, type Exposition, type Labels, observeValue } from "./exposition.ts";

export interface FamilyOptions {
  readonly name: string;
  readonly help: string;
  /** In the order values are given. */
  readonly labels: readonly string[];
}

/** Values may come from outside: no more series than this are kept of a family. */
const mostSeries = 2000;

export class Counters {
  readonly #options: FamilyOptions;
  readonly #counts = new Map<string, { readonly labels: Labels; count: number }>();

  constructor(options: FamilyOptions) {
    this.#options = options;
  }

  /** A series that nothing is added to is shown, too. */
  add(values: readonly string[], count = 1): void {
    const series = seriesOf(this.#counts, this.#options, values, (labels) => ({ labels, count: 0 }));
    if (series) series.count += count;
  }

  write(exposition: Exposition): void {
    const { name, help } = this.#options;
    const samples = [...this.#counts.values()].map(({ labels, count }) => [labels, count] as const);
    exposition.series(name, "counter", help, samples);
  }
}

export class Histograms {
  readonly #options: FamilyOptions & { readonly bounds: readonly number[] };
  readonly #series = new Map<string, { readonly labels: Labels; readonly buckets: BucketCounts }>();

  constructor(options: FamilyOptions & { readonly bounds: readonly number[] }) {
    this.#options = options;
  }

  observe(values: readonly string[], value: number): void {
    const make = (labels: Labels) => ({ labels, buckets: createBuckets(this.#options.bounds) });
    const series = seriesOf(this.#series, this.#options, values, make);
    if (series) observeValue(series.buckets, value);
  }

  write(exposition: Exposition): void {
    const { name, help } = this.#options;
    exposition.metric(name, "histogram", help);
    for (const { labels, buckets } of this.#series.values()) exposition.histogram(name, labels, buckets);
  }
}

function seriesOf<T>(
  known: Map<string, T>,
  { labels: names }: FamilyOptions,
  values: readonly string[],
  make: (labels: Labels) => T,
): T | undefined {
  const key = values.join("\0");
  const found = known.get(key);
  if (found || known.size >= mostSeries) return found;
  const made = make(Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""])));
  known.set(key, made);
  return made;
}
