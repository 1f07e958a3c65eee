// What a simulated node says of itself. Pure.

import { arch } from "node:os";
import { kubernetesVersion, type Node, type NodeAddress, type NodeStatus } from "#kubernetes/api";
import { makeNode, makeNodeStatus, type NodeStatusInputs } from "../node/node-status.ts";
import type { ResourceList } from "../pod/resources.ts";
import { defaultCapacity, type SimulatedNode, simulatedNodeAnnotation } from "./options.ts";

export interface NodeFacts {
  /** What the node is reached by, were there anything to reach. */
  readonly ips: readonly string[];
  readonly kubeletVersion?: string | undefined;
  readonly nowMs: number;
}

const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };
/** As every kubelet's, though nobody listens there. */
const kubeletPort = 10250;

/** The node as it is registered. */
export function makeSimulatedNode(
  { name, labels = {}, taints = [], capacity, providerID }: SimulatedNode,
  facts: NodeFacts,
): Node {
  const status = simulatedStatus(name, { ...defaultCapacity, ...capacity }, {}, facts);
  const node = makeNode({ name, labels, taints: [...taints], providerID }, status);
  const annotations = { ...node.metadata.annotations, [simulatedNodeAnnotation]: "fake" };
  return { ...node, metadata: { ...node.metadata, annotations } };
}

/** The status of a node that is well; what someone has given it of capacity, addresses and facts stays. */
export function healthyStatus({ metadata: { name = "" }, status = {} }: Node, facts: NodeFacts): NodeStatus {
  const capacity = { ...defaultCapacity, ...status.allocatable, ...status.capacity };
  const healthy = simulatedStatus(name, capacity, status, facts);
  const given = Object.entries(status.nodeInfo ?? {}).filter(([, value]) => value !== "");
  return {
    ...healthy,
    allocatable: { ...capacity, ...status.allocatable },
    nodeInfo: { ...healthy.nodeInfo!, ...Object.fromEntries(given) },
    ...(status.addresses?.length && { addresses: status.addresses }),
  };
}

export function isReady({ status }: Node): boolean {
  return status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") ?? false;
}

function simulatedStatus(
  name: string,
  capacity: ResourceList,
  old: NodeStatus,
  { ips, kubeletVersion = kubernetesVersion, nowMs }: NodeFacts,
): NodeStatus {
  const inputs: NodeStatusInputs = {
    addresses: [
      ...ips.map((address): NodeAddress => ({ type: "InternalIP", address })),
      { type: "Hostname", address: name },
    ],
    port: kubeletPort,
    info: {
      architecture: architectures[arch()] ?? arch(),
      bootID: "",
      containerRuntimeVersion: "simulated://1.0.0",
      kernelVersion: "simulated",
      kubeProxyVersion: "",
      kubeletVersion,
      machineID: "",
      operatingSystem: "linux",
      osImage: "simulated",
      systemUUID: "",
    },
    capacity,
    allocatable: capacity,
    images: [],
    runtimeHandlers: [],
    volumesInUse: [],
    problems: [],
    pressure: { memory: false, disk: false, pid: false },
  };
  // KWOK's stages for nodes go by the phase.
  return { ...makeNodeStatus(inputs, old, nowMs), phase: "Running" };
}
