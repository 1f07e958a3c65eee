// What a simulated node says of itself.

import { arch } from "node:os";
import type { Node, NodeStatus } from "#kubernetes/api";
import { makeNode, makeNodeStatus, type NodeStatusInputs } from "../node/node-status.ts";
import { defaultKubeletVersion } from "../options.ts";
import type { ResourceList } from "../pod/resources.ts";
import { defaultCapacity, fakeNodeAnnotation, type SimulatedNode } from "./options.ts";

export interface NodeFacts {
  readonly address: string;
  /** The server's; 0: none. */
  readonly port: number;
  readonly kubeletVersion?: string | undefined;
}

const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** The node as it is registered. */
export function makeSimulatedNode(
  { name, labels = {}, taints = [], capacity, providerID }: SimulatedNode,
  facts: NodeFacts,
  nowMs: number,
): Node {
  const status = simulatedStatus(name, { ...defaultCapacity, ...capacity }, {}, facts, nowMs);
  const node = makeNode({ name, labels, taints: [...taints], providerID }, status);
  const annotations = { ...node.metadata.annotations, [fakeNodeAnnotation]: "fake" };
  return { ...node, metadata: { ...node.metadata, annotations } };
}

/** The status of a node that is well; what someone has given it of capacity stays. */
export function healthyStatus(node: Node, facts: NodeFacts, nowMs: number): NodeStatus {
  const capacity = { ...defaultCapacity, ...node.status?.capacity };
  return simulatedStatus(node.metadata.name ?? "", capacity, node.status ?? {}, facts, nowMs);
}

export function isReady({ status }: Node): boolean {
  return status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") ?? false;
}

function simulatedStatus(
  name: string,
  capacity: ResourceList,
  old: NodeStatus,
  { address, port, kubeletVersion = defaultKubeletVersion }: NodeFacts,
  nowMs: number,
): NodeStatus {
  const inputs: NodeStatusInputs = {
    addresses: [
      { type: "InternalIP", address },
      { type: "Hostname", address: name },
    ],
    port,
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
