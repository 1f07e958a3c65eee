// emptyDir: a folder that lives as long as the pod, on the node's disk, in memory, or in huge pages.

import { chmod, mkdir } from "node:fs/promises";
import { release } from "node:os";
import { type EmptyDirVolumeSource, quantityValue, type Volume } from "#kubernetes/api";
import type { BoundPod } from "../pod/bound-pod.ts";
import { memoryOf, podLimits, type ResourceList } from "../pod/resources.ts";
import type { Mounter } from "./mounter.ts";
import { giveToGroup } from "./ownership.ts";
import type { VolumePlugin } from "./volume.ts";

export interface EmptyDirOptions {
  readonly mounter: Mounter;
  /** What the node has to give: a volume in memory can't be larger. */
  allocatable(): ResourceList;
}

export function createEmptyDirPlugin({ mounter, allocatable }: EmptyDirOptions): VolumePlugin {
  return {
    name: "kubernetes.io~empty-dir",
    isLive: false,
    supports: ({ source }) => (source as Volume).emptyDir !== undefined,
    async setUp({ source }, { pod, folder }) {
      const { medium = "", sizeLimit } = (source as Volume).emptyDir!;
      await mkdir(folder, { recursive: true });
      const isMounted = (await mounter.mountsBelow(folder)).includes(folder);
      if (!isMounted) await chmod(folder, 0o777);
      if (medium === "Memory" && !isMounted) {
        await mountTmpfs(mounter, folder, tmpfsSize(pod, sizeLimit, allocatable()));
      } else if (medium.startsWith("HugePages") && !isMounted) {
        const options = [`pagesize=${hugePageSize(pod, medium)}`];
        await mounter.mount({ source: "nodev", target: folder, type: "hugetlbfs", options });
      } else if (medium !== "" && medium !== "Memory" && !medium.startsWith("HugePages")) {
        throw new Error(`unknown storage medium ${JSON.stringify(medium)}`);
      }
      const gid = pod.spec.securityContext?.fsGroup;
      if (gid !== undefined) await giveToGroup(folder, { gid, readOnly: false });
      return { path: folder, readOnly: false };
    },
  };
}

/** Mounts memory at the folder, which must exist. `bytes` 0: the kernel's default. */
export async function mountTmpfs(mounter: Mounter, folder: string, bytes: number): Promise<void> {
  const options = bytes > 0 ? [`size=${bytes}`] : [];
  const mount = (more: readonly string[]) =>
    mounter.mount({ source: "tmpfs", target: folder, type: "tmpfs", options: [...options, ...more] });
  if (!knowsNoSwap) return mount([]);
  // What is to stay in memory must not be swapped to a disk; inside of a user namespace that can't be asked for.
  await mount(["noswap"]).catch(() => mount([]));
}

/** Linux does since 6.4. */
const knowsNoSwap = isAtLeast(release(), 6, 4);

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [own = 0, ownMinor = 0] = version.split(".").map(Number);
  return own > major || (own === major && ownMinor >= minor);
}

/** The least of what the volume asks for, what the pod may use, and what there is. */
export function tmpfsSize(
  pod: BoundPod,
  sizeLimit: EmptyDirVolumeSource["sizeLimit"],
  allocatable: ResourceList,
): number {
  const everyLimited = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].every(
    ({ resources }) => memoryOf(resources?.limits) > 0,
  );
  const limits = [
    quantityValue(sizeLimit),
    everyLimited ? memoryOf(podLimits(pod.spec)) : 0,
    memoryOf(allocatable),
  ].filter((bytes) => bytes > 0);
  return limits.length === 0 ? 0 : Math.min(...limits);
}

function hugePageSize(pod: BoundPod, medium: string): string {
  const lists = [pod.spec, ...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(
    (each) => each.resources?.requests,
  );
  const requested = lists
    .flatMap((list) => Object.keys(list ?? {}))
    .filter((name) => name.startsWith("hugepages-"))
    .map((name) => name.slice("hugepages-".length));
  const asked = medium.slice("HugePages-".length);
  const sizes = [...new Set(requested)].filter((size) => asked === "" || quantityValue(size) === quantityValue(asked));
  const [size, another] = sizes;
  if (another !== undefined) {
    throw new Error(`medium: ${medium} can't be used if container requests multiple huge page sizes`);
  }
  if (size === undefined) {
    throw new Error(`medium ${medium}: hugePages storage requested, but there is no resource request for huge pages`);
  }
  return size;
}
