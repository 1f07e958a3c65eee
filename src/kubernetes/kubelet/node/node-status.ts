// A node's status, made from what is known of machine, runtime and pressure; and what has changed since it was last written. Pure.

import type { Node, NodeAddress, NodeCondition, NodeStatus, NodeSystemInfo } from "#kubernetes/api";
import { formatTime } from "#kubernetes/runtime";
import type { CriAnswer } from "../cri/protocol.ts";
import type { ResourceList } from "../pod/resources.ts";
import { same } from "../status/status-patch.ts";

export interface Pressure {
  readonly memory: boolean;
  readonly disk: boolean;
  readonly pid: boolean;
}

export interface NodeStatusInputs {
  readonly addresses: readonly NodeAddress[];
  /** The kubelet server's. */
  readonly port: number;
  readonly info: NodeSystemInfo;
  readonly capacity: ResourceList;
  readonly allocatable: ResourceList;
  readonly images: readonly CriAnswer<"Image">[];
  readonly runtimeHandlers: readonly CriAnswer<"RuntimeHandler">[];
  readonly supplementalGroupsPolicy?: boolean | undefined;
  readonly volumesInUse: readonly string[];
  /** Why the node is not ready; empty: it is. */
  readonly problems: readonly string[];
  readonly pressure: Pressure;
}

/** What this kubelet does that pods or the API server may have to know of, sorted. */
export const declaredFeatures: readonly string[] = [
  "ExtendWebSocketsToKubelet",
  "RestartAllContainersOnContainerExits",
];

const mostImages = 50;
const mostNamesPerImage = 5;

/** With times: a condition that has not changed keeps its transition time of `old`. */
export function makeNodeStatus(inputs: NodeStatusInputs, old: NodeStatus, nowMs: number): NodeStatus {
  const now = formatTime(nowMs);
  const conditions = nodeConditions(inputs).map((condition): NodeCondition => {
    const before = old.conditions?.find(({ type }) => type === condition.type);
    const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : undefined;
    return { ...condition, lastHeartbeatTime: now, lastTransitionTime: lastTransitionTime ?? now };
  });
  const { supplementalGroupsPolicy, runtimeHandlers, volumesInUse } = inputs;
  return {
    addresses: [...inputs.addresses],
    allocatable: { ...inputs.allocatable },
    capacity: { ...inputs.capacity },
    conditions,
    daemonEndpoints: { kubeletEndpoint: { Port: inputs.port } },
    declaredFeatures: [...declaredFeatures],
    ...(supplementalGroupsPolicy !== undefined && { features: { supplementalGroupsPolicy } }),
    images: imagesOf(inputs.images),
    nodeInfo: inputs.info,
    ...(runtimeHandlers.length > 0 && {
      runtimeHandlers: runtimeHandlers.map(({ name, features }) => ({
        name,
        features: {
          recursiveReadOnlyMounts: features?.recursiveReadOnlyMounts ?? false,
          userNamespaces: features?.userNamespaces ?? false,
        },
      })),
    }),
    ...(volumesInUse.length > 0 && { volumesInUse: [...volumesInUse] }),
  };
}

function nodeConditions({ problems, pressure }: NodeStatusInputs): NodeCondition[] {
  const condition = (type: string, isTrue: boolean, reason: string, message: string): NodeCondition => ({
    type,
    status: isTrue ? "True" : "False",
    reason,
    message,
  });
  const message = problems.length > 1 ? `[${problems.join(", ")}]` : (problems[0] ?? "kubelet is posting ready status");
  return [
    pressure.memory
      ? condition("MemoryPressure", true, "KubeletHasInsufficientMemory", "kubelet has insufficient memory available")
      : condition("MemoryPressure", false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    pressure.disk
      ? condition("DiskPressure", true, "KubeletHasDiskPressure", "kubelet has disk pressure")
      : condition("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    pressure.pid
      ? condition("PIDPressure", true, "KubeletHasInsufficientPID", "kubelet has insufficient PID available")
      : condition("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    condition("Ready", problems.length === 0, problems.length === 0 ? "KubeletReady" : "KubeletNotReady", message),
  ];
}

/** The largest first. */
function imagesOf(images: readonly CriAnswer<"Image">[]): NonNullable<NodeStatus["images"]> {
  return images
    .toSorted((a, b) => b.size - a.size)
    .slice(0, mostImages)
    .map(({ repoDigests, repoTags, size }) => ({
      names: [...repoDigests, ...repoTags].slice(0, mostNamesPerImage),
      sizeBytes: size,
    }));
}

/** Reasons of the events for what changed, as upstream: "NodeReady", "NodeHasDiskPressure". */
export function transitionEvents(before: NodeStatus, after: NodeStatus): string[] {
  return (after.conditions ?? []).flatMap(({ type, status, reason }) => {
    const old = before.conditions?.find((condition) => condition.type === type);
    if (old?.status === status) return [];
    if (type === "Ready") return old ? [status === "True" ? "NodeReady" : "NodeNotReady"] : [];
    return reason ? [`Node${reason.replace(/^Kubelet/, "")}`] : [];
  });
}

/** Whether anything but heartbeats differs. */
export function hasChanged(before: NodeStatus, after: NodeStatus): boolean {
  const timeless = ({ conditions = [], ...rest }: NodeStatus) => ({
    ...rest,
    conditions: conditions.map(({ type, status, reason, message }) => [type, status, reason, message]).sort(),
  });
  const known = ownPart(before);
  return !same(timeless(known), timeless(ownPart(after)));
}

const ownConditions = new Set(["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"]);

/** Without what others write into a node's status. */
function ownPart({ volumesAttached: _, config: _config, phase: _phase, ...status }: NodeStatus): NodeStatus {
  const conditions = (status.conditions ?? []).filter(({ type }) => ownConditions.has(type));
  return { ...status, conditions };
}

/** What to send: others' conditions stay as they are, extended resources too. */
export function nodeStatusPatch(before: NodeStatus, after: NodeStatus): Record<string, unknown> {
  const patch: Record<string, unknown> = { conditions: after.conditions };
  for (const [key, value] of Object.entries(after)) {
    const known = before[key as keyof NodeStatus];
    if (key !== "conditions" && !same(known, value)) patch[key] = value;
  }
  if (patch["addresses"]) {
    const types = new Set(after.addresses?.map(({ type }) => type));
    const gone = (before.addresses ?? []).filter(({ type }) => !types.has(type));
    patch["addresses"] = [...(after.addresses ?? []), ...gone.map(({ type }) => ({ $patch: "delete", type }))];
  }
  for (const key of ["images", "volumesInUse", "runtimeHandlers"] as const) {
    if (before[key] !== undefined && after[key] === undefined) patch[key] = null;
  }
  return patch;
}

export interface NodeIdentity {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: NonNullable<NonNullable<Node["spec"]>["taints"]>;
  readonly providerID?: string | undefined;
}

/** The node as first registered. */
export function makeNode({ name, labels, taints, providerID }: NodeIdentity, status: NodeStatus): Node {
  const architecture = status.nodeInfo?.architecture ?? "";
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: { ...defaultLabels(name, architecture), ...labels },
      annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true" },
    },
    spec: {
      ...(taints.length > 0 && { taints: [...taints] }),
      ...(providerID && { providerID }),
    },
    status,
  };
}

/** Labels every node has; those of an existing node are brought in line with them. */
export function defaultLabels(name: string, architecture: string): Record<string, string> {
  return {
    "beta.kubernetes.io/arch": architecture,
    "beta.kubernetes.io/os": "linux",
    "kubernetes.io/arch": architecture,
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
  };
}
