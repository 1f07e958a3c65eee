// How much CPU time and memory the node's pods use: of the node as a whole from its control group, of pods and containers from
// the runtime.

import { readFile, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "#shared";
import type { CriClient } from "../cri/cri-client.ts";
import type { CriAnswer } from "../cri/protocol.ts";
import { containerNameLabel, podNameLabel, podNamespaceLabel, podUidLabel } from "../runtime/container-annotations.ts";

export interface Usage {
  /** When it was measured, in milliseconds since the epoch. */
  readonly at: number;
  /** CPU time since the start. */
  readonly cpuNanoseconds: number;
  /** CPU time per second, since the last measurement; absent the first time. */
  readonly cpuNanoCores?: number;
  /** Memory that can't be freed without effort. */
  readonly workingSetBytes: number;
  readonly usageBytes: number;
  readonly rssBytes: number;
}

export interface ContainerUsage extends Usage {
  readonly id: string;
  readonly name: string;
  readonly podUid: string;
  /** Of the container's writable layer. */
  readonly diskBytes: number;
  readonly diskInodes: number;
}

export interface PodUsage {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly containers: readonly ContainerUsage[];
  readonly network?: { readonly name: string; readonly rxBytes: number; readonly txBytes: number };
}

export interface DiskUsage {
  readonly capacityBytes: number;
  readonly availableBytes: number;
  readonly usedBytes: number;
  readonly inodes: number;
  readonly inodesFree: number;
}

export interface UsageReader {
  node(): Promise<Usage>;
  pods(): Promise<readonly PodUsage[]>;
}

export interface UsageReaderOptions {
  readonly cri: CriClient;
  readonly clock: Clock;
  readonly cgroupRoot: string;
  readonly cgroupVersion: 1 | 2;
}

export function createUsageReader(options: UsageReaderOptions): UsageReader {
  const { cri, clock } = options;
  const previous = new Map<string, { at: number; cpuNanoseconds: number }>();

  /** Adds the rate since the last measurement of the same thing. */
  const withRate = <T extends Usage>(key: string, usage: T): T => {
    const before = previous.get(key);
    previous.set(key, { at: usage.at, cpuNanoseconds: usage.cpuNanoseconds });
    if (!before || usage.at <= before.at || usage.cpuNanoCores !== undefined) return usage;
    const rate = ((usage.cpuNanoseconds - before.cpuNanoseconds) * 1000) / (usage.at - before.at);
    return { ...usage, cpuNanoCores: Math.max(0, Math.round(rate)) };
  };

  return {
    node: async () => withRate("node", await readCgroupUsage(options, clock.now())),
    async pods() {
      const { stats } = await cri.call("ListContainerStats", {});
      const networks = await podNetworks(cri);
      const pods = new Map<string, PodUsage & { containers: ContainerUsage[] }>();
      for (const each of stats) {
        const labels = each.attributes?.labels ?? {};
        const uid = labels[podUidLabel];
        // Containers that have ended have no CPU usage.
        if (uid === undefined || !each.cpu?.usageCoreNanoSeconds) continue;
        const name = labels[podNameLabel] ?? "";
        const namespace = labels[podNamespaceLabel] ?? "";
        const network = networks.get(uid);
        const pod = pods.get(uid) ?? { uid, name, namespace, containers: [], ...(network && { network }) };
        pods.set(uid, pod);
        pod.containers.push(withRate(each.attributes?.id ?? "", containerUsage(each, uid, clock.now())));
      }
      for (const key of previous.keys()) {
        if (key !== "node" && !stats.some(({ attributes }) => attributes?.id === key)) previous.delete(key);
      }
      return [...pods.values()];
    },
  };
}

function containerUsage(stats: CriAnswer<"ContainerStats">, podUid: string, now: number): ContainerUsage {
  const { attributes, cpu, memory, writableLayer } = stats;
  const at = cpu?.timestamp ? cpu.timestamp / 1e6 : now;
  const nanoCores = cpu?.usageNanoCores?.value;
  return {
    id: attributes?.id ?? "",
    name: attributes?.labels[containerNameLabel] ?? attributes?.metadata?.name ?? "",
    podUid,
    at,
    cpuNanoseconds: cpu?.usageCoreNanoSeconds?.value ?? 0,
    ...(nanoCores !== undefined && { cpuNanoCores: nanoCores }),
    workingSetBytes: memory?.workingSetBytes?.value ?? 0,
    usageBytes: memory?.usageBytes?.value ?? memory?.workingSetBytes?.value ?? 0,
    rssBytes: memory?.rssBytes?.value ?? 0,
    diskBytes: writableLayer?.usedBytes?.value ?? 0,
    diskInodes: writableLayer?.inodesUsed?.value ?? 0,
  };
}

/** Not every runtime knows them. */
async function podNetworks(cri: CriClient): Promise<Map<string, NonNullable<PodUsage["network"]>>> {
  const networks = new Map<string, NonNullable<PodUsage["network"]>>();
  const answer = await cri.call("ListPodSandboxStats", {}).catch(() => undefined);
  for (const { attributes, linux } of answer?.stats ?? []) {
    const uid = attributes?.metadata?.uid;
    const net = linux?.network?.defaultInterface;
    if (uid === undefined || !net) continue;
    networks.set(uid, { name: net.name, rxBytes: net.rxBytes?.value ?? 0, txBytes: net.txBytes?.value ?? 0 });
  }
  return networks;
}

async function readCgroupUsage({ cgroupRoot, cgroupVersion }: UsageReaderOptions, at: number): Promise<Usage> {
  const base = "/sys/fs/cgroup";
  if (cgroupVersion === 2) {
    const folder = join(base, cgroupRoot);
    const usec = fieldOf(await readText(join(folder, "cpu.stat")), "usage_usec");
    const memory = await readText(join(folder, "memory.stat"));
    const current = Number(await readText(join(folder, "memory.current"))) || (await machineMemoryUsed());
    return {
      at,
      cpuNanoseconds: usec * 1000,
      usageBytes: current,
      workingSetBytes: Math.max(0, current - fieldOf(memory, "inactive_file")),
      rssBytes: fieldOf(memory, "anon"),
    };
  }
  const usage = Number(await readText(join(base, "cpuacct", cgroupRoot, "cpuacct.usage")));
  const folder = join(base, "memory", cgroupRoot);
  const memory = await readText(join(folder, "memory.stat"));
  const current = Number(await readText(join(folder, "memory.usage_in_bytes")));
  return {
    at,
    cpuNanoseconds: usage,
    usageBytes: current,
    workingSetBytes: Math.max(0, current - fieldOf(memory, "total_inactive_file")),
    rssBytes: fieldOf(memory, "total_rss"),
  };
}

/** The root group of version 2 has no memory.current. */
async function machineMemoryUsed(): Promise<number> {
  const text = await readText("/proc/meminfo");
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
  return (kilobytes("MemTotal") - kilobytes("MemFree")) * 1024;
}

export async function readDiskUsage(path: string): Promise<DiskUsage> {
  const { blocks, bavail, bfree, bsize, files, ffree } = await statfs(path);
  return {
    capacityBytes: blocks * bsize,
    availableBytes: bavail * bsize,
    usedBytes: (blocks - bfree) * bsize,
    inodes: files,
    inodesFree: ffree,
  };
}

function fieldOf(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
}

function readText(path: string): Promise<string> {
  return readFile(path, "utf8").then(
    (text) => text.trim(),
    () => "",
  );
}
