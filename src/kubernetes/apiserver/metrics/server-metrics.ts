// /metrics: what the server counts, under upstream's names, and what the process uses.

import type { BytesAnswer } from "../call.ts";
import type { ServedResource } from "../registry/resources/served-resource.ts";
import { Exposition } from "./exposition.ts";

export interface MetricSource {
  write(exposition: Exposition): void;
}

export interface ServerMetricsOptions {
  readonly sources: readonly MetricSource[];
  /** Metrics of other parts of the process, as text. */
  readonly others: readonly (() => Promise<string>)[];
  /** In bytes; absent: nobody knows. */
  readonly storageSize: (() => Promise<number>) | undefined;
  readonly resources: () => readonly ServedResource[];
  readonly version: Readonly<Record<string, string>>;
  /** The outcomes of health checks. */
  readonly levels: MetricSource;
}

export interface ServerMetrics {
  /** The whole of it. */
  answer(): Promise<BytesAnswer>;
  /** What service levels are measured by: the health checks, as they were asked for, and when the process started. */
  answerLevels(): Promise<BytesAnswer>;
}

export function createServerMetrics(options: ServerMetricsOptions): ServerMetrics {
  return {
    async answer() {
      const exposition = new Exposition();
      for (const source of options.sources) source.write(exposition);
      writeStorage(exposition, options.resources());
      await writeSize(exposition, options.storageSize);
      writeBuild(exposition, options.version);
      writeProcess(exposition);
      const others = await Promise.all(options.others.map((text) => text()));
      return textOf(exposition.toString() + others.join(""));
    },
    async answerLevels() {
      const exposition = new Exposition();
      options.levels.write(exposition);
      writeStart(exposition);
      return textOf(exposition.toString());
    },
  };
}

function textOf(text: string): BytesAnswer {
  return {
    kind: "bytes",
    status: 200,
    headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8; escaping=underscores" },
    body: Buffer.from(text),
  };
}

/** Nothing where it cannot be found out. */
async function writeSize(exposition: Exposition, size: ServerMetricsOptions["storageSize"]): Promise<void> {
  const bytes = await size?.().catch(() => undefined);
  if (bytes === undefined) return;
  const labels = { storage_cluster_id: "storage-0" };
  exposition.series("apiserver_storage_size_bytes", "gauge", "What the store's data takes of the disk.", [
    [labels, bytes],
  ]);
}

function writeStorage(exposition: Exposition, resources: readonly ServedResource[]): void {
  const counted = new Map<string, ServedResource>();
  for (const resource of resources) {
    const prefix = resource.storage?.collection.prefix;
    if (prefix !== undefined && !counted.has(prefix)) counted.set(prefix, resource);
  }
  const counts = [...counted.values()].map(({ info, storage }) => ({ info, count: storage!.collection.count() }));
  exposition.series(
    "apiserver_storage_objects",
    "gauge",
    "Objects kept, by resource.",
    counts.map(({ info, count }) => [
      { resource: info.group === "" ? info.resource : `${info.resource}.${info.group}` },
      count,
    ]),
  );
  exposition.series(
    "apiserver_resource_objects",
    "gauge",
    "Objects kept, by group and resource.",
    counts.map(({ info, count }) => [{ group: info.group, resource: info.resource }, count]),
  );
}

function writeBuild(exposition: Exposition, version: Readonly<Record<string, string>>): void {
  const { buildDate, compiler, gitCommit, gitTreeState, gitVersion, goVersion, major, minor, platform } = version;
  const labels = {
    build_date: buildDate ?? "",
    compiler: compiler ?? "",
    git_commit: gitCommit ?? "",
    git_tree_state: gitTreeState ?? "",
    git_version: gitVersion ?? "",
    go_version: goVersion ?? "",
    major: major ?? "",
    minor: minor ?? "",
    platform: platform ?? "",
  };
  exposition.series("kubernetes_build_info", "gauge", "1, with the version as labels.", [[labels, 1]]);
}

function writeProcess(exposition: Exposition): void {
  const { user, system } = process.cpuUsage();
  const gauge = (name: string, help: string, value: number): void =>
    exposition.series(name, "gauge", help, [[{}, value]]);
  const seconds = (user + system) / 1e6;
  exposition.series("process_cpu_seconds_total", "counter", "Processor time used.", [[{}, seconds]]);
  gauge("process_resident_memory_bytes", "Memory the process has in use.", process.memoryUsage.rss());
  writeStart(exposition);
}

function writeStart(exposition: Exposition): void {
  const seconds = Date.now() / 1000 - process.uptime();
  exposition.series("process_start_time_seconds", "gauge", "When the process started.", [[{}, seconds]]);
}
