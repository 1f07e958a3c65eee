// Numbers as Prometheus reads them. Requests are counted far more often than they are read, so a series is found once per kind of
// request and then counted in place; text is only made when somebody asks.

/** Label names and values, in the order they are written. */
export type Labels = Readonly<Record<string, string>>;

/** Writes one metric: its help and type, then a line per series. */
export class Exposition {
  #text = "";

  metric(name: string, type: "counter" | "gauge" | "histogram", help: string): void {
    this.#text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  }

  sample(name: string, labels: Labels, value: number): void {
    this.#text += `${name}${formatLabels(labels)} ${value}\n`;
  }

  /** A metric with one series per entry. */
  series(name: string, type: "counter" | "gauge", help: string, samples: Iterable<readonly [Labels, number]>): void {
    this.metric(name, type, help);
    for (const [labels, value] of samples) this.sample(name, labels, value);
  }

  histogram(name: string, labels: Labels, { bounds, counts, sum }: BucketCounts): void {
    let total = 0;
    for (const [index, bound] of bounds.entries()) {
      total += counts[index]!;
      this.sample(`${name}_bucket`, { ...labels, le: String(bound) }, total);
    }
    total += counts[bounds.length]!;
    this.sample(`${name}_bucket`, { ...labels, le: "+Inf" }, total);
    this.sample(`${name}_sum`, labels, sum);
    this.sample(`${name}_count`, labels, total);
  }

  toString(): string {
    return this.#text;
  }
}

/** How many values fell below each bound and above the one before; the last count is of those above all. */
export interface BucketCounts {
  readonly bounds: readonly number[];
  readonly counts: number[];
  sum: number;
}

export function createBuckets(bounds: readonly number[]): BucketCounts {
  return { bounds, counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
}

export function observeValue(buckets: BucketCounts, value: number): void {
  const { bounds, counts } = buckets;
  let index = 0;
  while (index < bounds.length && value > bounds[index]!) index++;
  counts[index]!++;
  buckets.sum += value;
}

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeValue(value: string): string {
  return /[\\"\n]/.test(value) ? value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n") : value;
}
