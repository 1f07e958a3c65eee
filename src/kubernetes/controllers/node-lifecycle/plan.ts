// What a node's taints, labels and conditions should be, by what it says of itself and how long it has been silent. Pure.

import type { Node, NodeCondition, Taint } from "#kubernetes/api";
import { formatTime } from "#kubernetes/runtime";
import { nodeCondition, readyStatus } from "../nodes/node-state.ts";
import {
  diskPressureTaint,
  isSameTaint,
  memoryPressureTaint,
  networkUnavailableTaint,
  notReadyTaint,
  pidPressureTaint,
  unreachableTaint,
  unschedulableTaint,
} from "../nodes/taints.ts";

/** The taints that conditions bring, by the condition and the status it has. */
const conditionTaints: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: notReadyTaint, Unknown: unreachableTaint },
  MemoryPressure: { True: memoryPressureTaint },
  DiskPressure: { True: diskPressureTaint },
  NetworkUnavailable: { True: networkUnavailableTaint },
  PIDPressure: { True: pidPressureTaint },
};

/** Nothing is scheduled where one of these is; they come and go with conditions, so they are this controller's alone. */
const managedTaints: ReadonlySet<string> = new Set([
  unschedulableTaint,
  ...Object.values(conditionTaints).flatMap((taints) => Object.values(taints)),
]);

/** Pods leave where one of these is. */
const evictingTaints: Readonly<Record<string, string>> = { False: notReadyTaint, Unknown: unreachableTaint };

export interface NodePlan {
  /** All the taints the node should have; undefined where it has them. */
  readonly taints: Taint[] | undefined;
  /** Labels to set. */
  readonly labels: Readonly<Record<string, string>>;
  /** The taint that would make the pods leave: added only when it is the node's turn. */
  readonly evictingTaint: string | undefined;
}

export function planNode(node: Node, nowMs: number): NodePlan {
  const present = node.spec?.taints ?? [];
  const scheduling = wantedSchedulingTaints(node);
  const evicting = evictingTaints[readyStatus(node) ?? ""];
  const hadEvicting = present.filter(isEvicting);
  // One that is tainted already changes from one such taint to the other without waiting for its turn.
  const evictNow = hadEvicting.length > 0 && evicting !== undefined ? [evicting] : [];
  const wanted: Taint[] = [
    ...scheduling.map((key) => ({ key, effect: "NoSchedule" })),
    ...evictNow.map((key) => ({ key, effect: "NoExecute" })),
  ];
  const kept = present.filter((taint) => !isManaged(taint) || wanted.some((other) => isSameTaint(taint, other)));
  const added = wanted.filter((taint) => !present.some((other) => isSameTaint(taint, other)));
  const isSame = added.length === 0 && kept.length === present.length;
  const timeAdded = formatTime(nowMs);
  return {
    taints: isSame ? undefined : [...kept, ...added.map((taint) => ({ ...taint, timeAdded }))],
    labels: olderLabels(node),
    evictingTaint: hadEvicting.length === 0 ? evicting : undefined,
  };
}

function wantedSchedulingTaints({ spec, status }: Node): string[] {
  const keys = (status?.conditions ?? []).flatMap(
    ({ type, status: conditionStatus }) => conditionTaints[type]?.[conditionStatus] ?? [],
  );
  return spec?.unschedulable ? [...keys, unschedulableTaint] : keys;
}

function isManaged(taint: Taint): boolean {
  return isEvicting(taint) || (taint.effect === "NoSchedule" && managedTaints.has(taint.key));
}

export function isEvicting({ key, effect }: Taint): boolean {
  return effect === "NoExecute" && (key === notReadyTaint || key === unreachableTaint);
}

/** The node's taints with this one that makes pods leave, and without the other. */
export function withEvictingTaint({ spec }: Node, key: string, nowMs: number): Taint[] {
  const others = (spec?.taints ?? []).filter((taint) => !isEvicting(taint));
  return [...others, { key, effect: "NoExecute", timeAdded: formatTime(nowMs) }];
}

const labelPairs = [
  ["kubernetes.io/os", "beta.kubernetes.io/os"],
  ["kubernetes.io/arch", "beta.kubernetes.io/arch"],
] as const;

/** The older names of labels follow the newer ones. */
function olderLabels({ metadata }: Node): Record<string, string> {
  const { labels = {} } = metadata;
  const wanted: Record<string, string> = {};
  for (const [newer, older] of labelPairs) {
    const value = labels[newer];
    if (value !== undefined && labels[older] !== value) wanted[older] = value;
  }
  return wanted;
}

/** Those the kubelet keeps; that of the network is the control plane's. */
const kubeletConditions = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"] as const;

/** The conditions of a node that has been silent for too long; undefined where that is known already. */
export function planSilence(node: Node, nowMs: number): NodeCondition[] | undefined {
  if (readyStatus(node) === "Unknown") return undefined;
  const lastTransitionTime = formatTime(nowMs);
  const conditions = (node.status?.conditions ?? []).map((condition) =>
    isKubelets(condition) && condition.status !== "Unknown"
      ? {
          ...condition,
          status: "Unknown",
          reason: "NodeStatusUnknown",
          message: "Kubelet stopped posting node status.",
          lastTransitionTime,
        }
      : condition,
  );
  const { creationTimestamp } = node.metadata;
  for (const type of kubeletConditions) {
    if (nodeCondition(node, type)) continue;
    conditions.push({
      type,
      status: "Unknown",
      reason: "NodeStatusNeverUpdated",
      message: "Kubelet never posted node status.",
      ...(creationTimestamp !== undefined && { lastHeartbeatTime: creationTimestamp }),
      lastTransitionTime,
    });
  }
  return conditions;
}

function isKubelets({ type }: NodeCondition): boolean {
  return kubeletConditions.some((kubelets) => kubelets === type);
}
