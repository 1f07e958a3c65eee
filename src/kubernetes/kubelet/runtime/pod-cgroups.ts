// The control groups of pods: <root>/kubepods/<qos>/pod<uid>, as upstream lays them out with the cgroupfs driver, on version 1
// (a tree per controller) and version 2 (one tree). Containers' groups below are the runtime's.

import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { quantityMilliValue } from "#kubernetes/api";
import { describeError, type Logger } from "#shared";
import type { BoundPod } from "../pod/bound-pod.ts";
import { hasPodLevelResources, isZero, memoryOf, podLimits, podRequests, qosClassOf } from "../pod/resources.ts";
import { quotaOf, quotaPeriodUs, sharesOf } from "./linux-resources.ts";

export interface PodCgroupsOptions {
  /** Absolute within the cgroup filesystem: "/" or "/slipway/demo/worker-1". */
  readonly root: string;
  readonly version: 1 | 2;
  /** Where cgroups are mounted. Default: /sys/fs/cgroup. */
  readonly mountPoint?: string;
  readonly logger: Logger;
}

export interface PodCgroups {
  /** The pod's group, to be the parent of its containers' groups. */
  parentOf(pod: BoundPod): string;
  exists(pod: BoundPod): Promise<boolean>;
  /** Makes the group and sets its limits; fine if it is there already. */
  ensure(pod: BoundPod): Promise<void>;
  /** What is in force. */
  limits(pod: BoundPod): Promise<PodLimits>;
  /** What is to be in force by the spec. */
  wantedLimits(pod: BoundPod): PodLimits;
  /** Changes what is named. */
  change(pod: BoundPod, limits: Partial<PodLimits>): Promise<void>;
  /** Kills what is left in the pod's groups and removes them. */
  destroy(podUid: string): Promise<void>;
  /** The pods that have a group. */
  list(): Promise<ReadonlySet<string>>;
  /** Takes away the node's own groups. */
  remove(): Promise<void>;
}

const kubepods = "kubepods";
const qosFolders = ["", "burstable", "besteffort"];
/** The trees of version 1 in which limits are set. Others follow when the runtime makes containers. */
const controllers = ["cpu", "memory", "pids"];

export function createPodCgroups(options: PodCgroupsOptions): PodCgroups {
  const { root, version, mountPoint = "/sys/fs/cgroup", logger } = options;
  const trees = version === 2 ? [mountPoint] : controllers.map((name) => join(mountPoint, name));
  const nameOf = (qos: string, uid: string) => join(root, kubepods, qos, `pod${uid}`);
  const nameOfPod = (pod: BoundPod) => nameOf(qosFolder(pod), pod.metadata.uid);

  const make = async (name: string): Promise<void> => {
    for (const tree of trees) {
      await mkdir(join(tree, name), { recursive: true, mode: 0o755 });
      if (version === 2) await passControllersDown(tree, name);
    }
  };

  const pathOf = (name: string, file: string) => {
    const [controller] = file.split(".");
    return join(version === 2 ? mountPoint : join(mountPoint, controller!), name, file);
  };

  const set = async (name: string, limits: Partial<PodLimits>): Promise<void> => {
    const files = version === 2 ? filesOfVersion2(limits) : filesOfVersion1(limits);
    for (const [file, value] of files) await writeFile(pathOf(name, file), value);
  };

  const read = (name: string, file: string) => readFile(pathOf(name, file), "utf8").then((text) => text.trim());

  return {
    parentOf: nameOfPod,
    exists: (pod) =>
      readdir(join(trees[0]!, nameOfPod(pod))).then(
        () => true,
        () => false,
      ),
    async ensure(pod) {
      await make(nameOfPod(pod));
      await set(nameOfPod(pod), limitsOf(pod));
    },
    limits: (pod) =>
      version === 2
        ? readVersion2((file) => read(nameOfPod(pod), file))
        : readVersion1((file) => read(nameOfPod(pod), file)),
    wantedLimits: limitsOf,
    change: (pod, limits) => set(nameOfPod(pod), limits),
    async destroy(podUid) {
      const every = version === 2 ? [mountPoint] : await allTrees(mountPoint);
      for (const qos of qosFolders) {
        for (const tree of every) await removeTree(join(tree, nameOf(qos, podUid)), logger);
      }
    },
    async list() {
      const found = new Set<string>();
      for (const qos of qosFolders) {
        const names = await readdir(join(trees[0]!, root, kubepods, qos)).catch(() => []);
        for (const name of names) if (name.startsWith("pod")) found.add(name.slice("pod".length));
      }
      return found;
    },
    async remove() {
      if (root === "/") return;
      for (const tree of version === 2 ? [mountPoint] : await allTrees(mountPoint)) {
        await removeTree(join(tree, root), logger);
      }
    },
  };
}

function qosFolder(pod: BoundPod): string {
  const qos = qosClassOf(pod);
  return qos === "Guaranteed" ? "" : qos.toLowerCase();
}

/** What a pod's containers may take together. 0: no limit. */
export interface PodLimits {
  readonly cpuShares: number;
  /** Microseconds in each period. */
  readonly cpuQuota: number;
  readonly memoryBytes: number;
}

/** A resource that one container does not limit is not limited for the pod. */
function limitsOf(pod: BoundPod): PodLimits {
  const qos = qosClassOf(pod);
  if (qos === "BestEffort") return { cpuShares: sharesOf(0), cpuQuota: 0, memoryBytes: 0 };
  const limits = podLimits(pod.spec);
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const isLimited = (name: string) => {
    const podWide = hasPodLevelResources(pod.spec) && !isZero(pod.spec.resources?.limits?.[name]);
    return qos === "Guaranteed" || podWide || all.every(({ resources }) => !isZero(resources?.limits?.[name]));
  };
  return {
    cpuShares: sharesOf(quantityMilliValue(podRequests(pod.spec)["cpu"])),
    cpuQuota: isLimited("cpu") ? quotaOf(quantityMilliValue(limits["cpu"])) : 0,
    memoryBytes: isLimited("memory") ? memoryOf(limits) : 0,
  };
}

type FileValues = [file: string, value: string][];

function filesOfVersion1({ cpuShares, cpuQuota, memoryBytes }: Partial<PodLimits>): FileValues {
  const files: FileValues = [];
  if (cpuShares !== undefined) files.push(["cpu.shares", String(cpuShares)]);
  if (cpuQuota !== undefined) {
    files.push(["cpu.cfs_period_us", String(quotaPeriodUs)], ["cpu.cfs_quota_us", String(cpuQuota || -1)]);
  }
  if (memoryBytes !== undefined) files.push(["memory.limit_in_bytes", String(memoryBytes || -1)]);
  return files;
}

function filesOfVersion2({ cpuShares, cpuQuota, memoryBytes }: Partial<PodLimits>): FileValues {
  const files: FileValues = [];
  if (cpuShares !== undefined) files.push(["cpu.weight", String(weightOf(cpuShares))]);
  if (cpuQuota !== undefined) files.push(["cpu.max", `${cpuQuota || "max"} ${quotaPeriodUs}`]);
  if (memoryBytes !== undefined) files.push(["memory.max", String(memoryBytes || "max")]);
  return files;
}

/** Shares of 2 to 262144 become weights of 1 to 10000. */
function weightOf(shares: number): number {
  return 1 + Math.floor(((shares - 2) * 9999) / 262_142);
}

async function readVersion1(read: (file: string) => Promise<string>): Promise<PodLimits> {
  const memory = Number(await read("memory.limit_in_bytes"));
  return {
    cpuShares: Number(await read("cpu.shares")),
    cpuQuota: Math.max(0, Number(await read("cpu.cfs_quota_us"))),
    // No limit shows as the largest number there is.
    memoryBytes: memory > Number.MAX_SAFE_INTEGER ? 0 : memory,
  };
}

async function readVersion2(read: (file: string) => Promise<string>): Promise<PodLimits> {
  const weight = Number(await read("cpu.weight"));
  const [quota = "max"] = (await read("cpu.max")).split(" ");
  const memory = await read("memory.max");
  return {
    cpuShares: 2 + Math.floor(((weight - 1) * 262_142) / 9999),
    cpuQuota: quota === "max" ? 0 : Number(quota),
    memoryBytes: memory === "max" ? 0 : Number(memory),
  };
}

/** On version 2 a group has only the controllers that every group above it passes down. */
async function passControllersDown(tree: string, name: string): Promise<void> {
  const wanted = ["cpu", "memory", "pids", "cpuset", "io", "hugetlb"];
  const parts = name.split("/").filter((part) => part !== "");
  let folder = tree;
  for (const part of ["", ...parts.slice(0, -1)]) {
    folder = join(folder, part);
    const available = (await readFile(join(folder, "cgroup.controllers"), "utf8")).trim().split(/\s+/);
    const passed = (await readFile(join(folder, "cgroup.subtree_control"), "utf8")).trim().split(/\s+/);
    const missing = wanted.filter((each) => available.includes(each) && !passed.includes(each));
    if (missing.length === 0) continue;
    await writeFile(join(folder, "cgroup.subtree_control"), missing.map((each) => `+${each}`).join(" "));
  }
}

/** Every controller's tree; names of several controllers in one tree are links to it. */
async function allTrees(mountPoint: string): Promise<string[]> {
  const entries = await readdir(mountPoint, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(mountPoint, name));
}

async function removeTree(folder: string, logger: Logger): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return;
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name), logger);
  await killProcesses(folder);
  for (let attempt = 0; ; attempt++) {
    try {
      await rmdir(folder);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return;
      if (attempt === 20) {
        logger.warn({ folder, error: describeError(error) }, "control group not removed");
        return;
      }
      // A killed process leaves its group a little later.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

async function killProcesses(folder: string): Promise<void> {
  const list = await readFile(join(folder, "cgroup.procs"), "utf8").catch(() => "");
  for (const pid of list.split("\n").map(Number)) {
    if (pid <= 1 || pid === process.pid) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
