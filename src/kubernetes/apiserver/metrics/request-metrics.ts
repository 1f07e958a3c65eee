// Counts requests over the wire as upstream does: how many, how long, how many at once; by verb, resource and scope.

import type { Call } from "../call.ts";
import { type BucketCounts, createBuckets, type Exposition, type Labels, observeValue } from "./exposition.ts";
import { isLongRunning, isMutating } from "./request-kind.ts";

/** A request has come in; the answer is called, with its call as it was in the end, when it has been answered. */
export type Track = (call: Call) => (status: number, call: Call) => void;

export interface RequestMetrics {
  readonly begin: Track;
  write(exposition: Exposition): void;
}

const durationBounds = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];

/** From 1 kB to 1 GB. */
const responseBounds = Array.from({ length: 7 }, (_, power) => 1000 * 10 ** power);
/** From 1 KiB to 128 KiB. */
const eventBounds = Array.from({ length: 8 }, (_, power) => 1024 * 2 ** power);
const measuredVerbs = new Set(["GET", "LIST", "WATCH"]);

interface Series {
  readonly labels: Labels;
  /** Of what was answered, where that is measured: of reads the bodies, of watches each event. */
  readonly sizes: BucketCounts | undefined;
  readonly durations: BucketCounts;
  readonly byStatus: Map<number, number>;
  /** Of long-running requests, those under way. */
  running: number;
}

/** Hostile clients could name any number of resources that do not exist. */
const mostSeries = 5000;

export function createRequestMetrics(isKnown: (call: Call) => boolean): RequestMetrics {
  const all = new Map<string, Series>();
  const inFlight = { mutating: 0, readOnly: 0 };
  const deprecated = new Map<string, Labels>();

  const seriesOf = (call: Call): Series | undefined => {
    const dryRun = call.request.query.has("dryRun") ? "All" : "";
    const verb = verbOf(call);
    const scope = scopeOf(call);
    const { apiGroup, apiVersion, resource, subresource, isResourceRequest } = call.info;
    const key = isResourceRequest
      ? `${verb} ${dryRun} ${apiGroup} ${apiVersion} ${resource} ${subresource} ${scope}`
      : `${verb} ${call.info.path}`;
    const found = all.get(key);
    if (found) return found;
    if (all.size >= mostSeries || !isKnown(call)) return undefined;
    const about = isResourceRequest
      ? { group: apiGroup, resource, scope, subresource, verb, version: apiVersion }
      : { group: "", resource: "", scope: "", subresource: call.info.path, verb, version: "" };
    const labels = { component: "apiserver", dry_run: dryRun, ...about };
    const bounds = verb === "WATCH" ? eventBounds : responseBounds;
    const sizes = isResourceRequest && measuredVerbs.has(verb) ? createBuckets(bounds) : undefined;
    const durations = createBuckets(durationBounds);
    const series: Series = { labels, sizes, durations, byStatus: new Map(), running: 0 };
    all.set(key, series);
    return series;
  };

  return {
    begin(call) {
      const start = performance.now();
      const series = seriesOf(call);
      if (series?.sizes) {
        const { sizes } = series;
        call.noteSent = (bytes) => observeValue(sizes, bytes);
      }
      const isLong = isLongRunning(call);
      const kind = isMutating(call) ? "mutating" : "readOnly";
      if (!isLong) inFlight[kind]++;
      else if (series) series.running++;
      return (status, { deprecation }) => {
        if (deprecation) deprecated.set(deprecation, deprecationLabels(call));
        if (!isLong) inFlight[kind]--;
        else if (series) series.running--;
        if (!series) return;
        series.byStatus.set(status, (series.byStatus.get(status) ?? 0) + 1);
        observeValue(series.durations, (performance.now() - start) / 1000);
      };
    },
    write: (exposition) => writeRequests(exposition, [...all.values()], inFlight, [...deprecated.values()]),
  };
}

function writeRequests(
  exposition: Exposition,
  all: readonly Series[],
  inFlight: Readonly<Record<string, number>>,
  deprecated: readonly Labels[],
): void {
  exposition.metric("apiserver_request_total", "counter", "Requests answered, by what they were about and the status.");
  for (const { labels, byStatus } of all) {
    for (const [code, count] of byStatus) {
      exposition.sample("apiserver_request_total", { code: String(code), ...labels }, count);
    }
  }
  const duration = "apiserver_request_duration_seconds";
  exposition.metric(duration, "histogram", "How long requests took to be answered.");
  for (const { labels, durations, byStatus } of all) {
    if (byStatus.size > 0) exposition.histogram(duration, labels, durations);
  }
  writeSizes(exposition, all);
  exposition.series(
    "apiserver_current_inflight_requests",
    "gauge",
    "Requests being answered now, long-running ones aside.",
    Object.entries(inFlight).map(([kind, count]) => [{ request_kind: kind }, count]),
  );
  const running = all.filter((series) => series.running > 0);
  exposition.series(
    "apiserver_longrunning_requests",
    "gauge",
    "Watches, logs, streams and proxied requests under way.",
    running.map((series) => {
      const { dry_run: _, ...labels } = series.labels;
      return [labels, series.running];
    }),
  );
  exposition.series(
    "apiserver_requested_deprecated_apis",
    "gauge",
    "Deprecated APIs that were asked for.",
    deprecated.map((labels) => [labels, 1]),
  );
}

function writeSizes(exposition: Exposition, all: readonly Series[]): void {
  exposition.metric("apiserver_response_sizes", "histogram", "How large the answers to reads were.");
  for (const { labels, sizes } of all) {
    const { dry_run: _, ...about } = labels;
    if (sizes && labels["verb"] !== "WATCH") exposition.histogram("apiserver_response_sizes", about, sizes);
  }
  const watched = new Map<string, { readonly labels: Labels; readonly sizes: BucketCounts }>();
  for (const { labels, sizes } of all) {
    if (!sizes || labels["verb"] !== "WATCH") continue;
    const { group = "", version = "", resource = "" } = labels;
    const key = `${group}/${version}/${resource}`;
    const known = watched.get(key) ?? { labels: { group, version, resource }, sizes: createBuckets(eventBounds) };
    watched.set(key, known);
    for (const [index, count] of sizes.counts.entries()) known.sizes.counts[index]! += count;
    known.sizes.sum += sizes.sum;
  }
  exposition.series(
    "apiserver_watch_events_total",
    "counter",
    "Events sent to watches.",
    [...watched.values()].map(({ labels, sizes }) => [labels, sizes.counts.reduce((sum, count) => sum + count, 0)]),
  );
  exposition.metric("apiserver_watch_events_sizes", "histogram", "How large events sent to watches were.");
  for (const { labels, sizes } of watched.values()) exposition.histogram("apiserver_watch_events_sizes", labels, sizes);
}

function deprecationLabels({ info }: Call): Labels {
  const { apiGroup, apiVersion, resource, subresource } = info;
  return { group: apiGroup, removed_release: "", resource, subresource, version: apiVersion };
}

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

function verbOf({ info, request }: Call): string {
  const { verb, subresource } = info;
  if (!info.isResourceRequest) return methods.has(request.method) ? request.method : "other";
  if (verb === "list" || verb === "watch" || verb === "deletecollection") return verb.toUpperCase();
  if (verb === "patch" && request.headers["content-type"]?.includes("apply-patch")) return "APPLY";
  if (connecting.has(subresource)) return "CONNECT";
  return methods.has(request.method) ? request.method : "other";
}

const connecting = new Set(["proxy", "exec", "attach", "portforward"]);

function scopeOf({ info }: Call): string {
  if (info.name !== "" || info.verb === "create") return "resource";
  if (info.namespace !== "") return "namespace";
  return info.isResourceRequest ? "cluster" : "";
}
