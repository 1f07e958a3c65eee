// What the node knows of itself while it runs: machine, runtime, addresses, its object in the API. Others ask, nothing is cached
// twice.

import { mkdir } from "node:fs/promises";
import { kubernetesVersion, type Node, type NodeSystemInfo } from "#kubernetes/api";
import type { CriClient } from "../cri/cri-client.ts";
import type { CriAnswer } from "../cri/protocol.ts";
import type { EvictionThresholds, KubeletOptions } from "../options.ts";
import type { BoundPod } from "../pod/bound-pod.ts";
import type { ResourceList } from "../pod/resources.ts";
import { allocatableOf, readCapacity, readMachineIdentity } from "./machine-info.ts";
import type { NodeStatusInputs, Pressure } from "./node-status.ts";
import { checkRuntime, type RuntimeHealth } from "./runtime-health.ts";

export interface NodeState {
  readonly capacity: ResourceList;
  readonly allocatable: ResourceList;
  readonly hostIPs: readonly string[];
  /** As the API server has it. */
  node(): Node | undefined;
  setNode(node: Node): void;
  /** As last looked at. */
  health(): RuntimeHealth;
  supportsRecursiveReadOnly(pod: BoundPod): boolean;
  /** Looks at the runtime again and puts together what the node's status shows. Never throws. */
  look(port: number, pressure: Pressure, signal: AbortSignal): Promise<NodeStatusInputs>;
}

export const defaultEviction: EvictionThresholds = {
  memoryAvailable: "100Mi",
  nodeDiskAvailable: "10%",
  nodeInodesFree: "5%",
  imageDiskAvailable: "15%",
};

/** Images change rarely, and listing them costs; they are looked at this often, in beats. */
const imagesEvery = 3;

export async function createNodeState(
  options: KubeletOptions,
  cri: CriClient,
  version: CriAnswer<"VersionResponse">,
): Promise<NodeState> {
  const { rootFolder, addresses, maxPods = 110 } = options;
  await mkdir(rootFolder, { recursive: true, mode: 0o750 });
  const capacity = { ...(await readCapacity(rootFolder, maxPods)), ...options.capacity };
  const eviction = { ...defaultEviction, ...options.eviction };
  const allocatable = allocatableOf(capacity, {
    ...(options.reserved && { reserved: options.reserved }),
    evictionMemory: eviction.memoryAvailable,
    evictionDisk: eviction.nodeDiskAvailable,
  });
  const info: NodeSystemInfo = {
    ...(await readMachineIdentity()),
    containerRuntimeVersion: `${version.runtimeName}://${plainVersion(version.runtimeVersion)}`,
    kubeProxyVersion: "",
    kubeletVersion: options.kubeletVersion ?? kubernetesVersion,
  };
  let node: Node | undefined;
  let health = await checkRuntime(cri);
  let images: readonly CriAnswer<"Image">[] = [];
  let beats = 0;

  return {
    capacity,
    allocatable,
    hostIPs: addresses.filter(({ type }) => type === "InternalIP").map(({ address }) => address),
    node: () => node,
    setNode(next) {
      const podCidr = podCidrOf(next);
      if (podCidr !== "" && podCidr !== podCidrOf(node)) tellPodCidr(cri, podCidr);
      node = next;
    },
    health: () => health,
    supportsRecursiveReadOnly: ({ spec }) =>
      health.handlers.some(
        ({ name, features }) => name === (spec.runtimeClassName ?? "") && features?.recursiveReadOnlyMounts,
      ) ?? false,
    async look(port, pressure, signal) {
      health = await checkRuntime(cri, signal);
      if (beats++ % imagesEvery === 0) {
        const answer = await cri.call("ListImages", {}, { signal }).catch(() => undefined);
        images = answer?.images ?? images;
      }
      const { runtimeProblem, networkProblem, handlers, supplementalGroupsPolicy } = health;
      return {
        addresses,
        port,
        info,
        capacity,
        allocatable,
        images,
        runtimeHandlers: handlers,
        supplementalGroupsPolicy,
        volumesInUse: [],
        problems: [runtimeProblem, networkProblem].filter((problem) => problem !== undefined),
        pressure,
      };
    },
  };
}

function podCidrOf(node: Node | undefined): string {
  return node?.spec?.podCIDRs?.join(",") ?? "";
}

/** Runtimes that make their own network configuration make it of this; to others it means nothing, so it may fail. */
function tellPodCidr(cri: CriClient, podCidr: string): void {
  cri.call("UpdateRuntimeConfig", { runtimeConfig: { networkConfig: { podCidr } } }).catch(() => {});
}

/** "1.6.20~ds1" is "1.6.20": what upstream's parser keeps. */
function plainVersion(version: string): string {
  return /^v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/.exec(version)?.[1] ?? version;
}
