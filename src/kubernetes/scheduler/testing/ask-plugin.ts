// Asks one plug-in about a pod in a small cluster, as a scheduling cycle would.

import type { KubeObject, Node, Pod } from "#kubernetes/api";
import { ClusterCache } from "../cluster/cluster-cache.ts";
import { makePodInfo } from "../cluster/pod-info.ts";
import type { ClusterEvent } from "../events.ts";
import { isOfInterest } from "../events.ts";
import type { Plugin } from "../framework.ts";
import { isRejection, type Rejection } from "../status.ts";

export interface Cluster {
  readonly nodes: readonly Node[];
  /** Those with a node. */
  readonly pods?: readonly Pod[];
}

export function snapshotOf({ nodes, pods = [] }: Cluster): ClusterCache {
  const cache = new ClusterCache();
  for (const node of nodes) cache.putNode(node);
  for (const pod of pods) cache.putPod(pod);
  return cache;
}

/** The pod as it runs on the node. */
export function on(nodeName: string, pod: Pod): Pod {
  return { ...pod, spec: { containers: [], ...pod.spec, nodeName } };
}

/** By node: "" where it fits, else the reasons, after "!" where nothing but a change of the node could help. "*": no node at all. */
export function filter<F, S>(plugin: Plugin<F, S>, pod: Pod, cluster: Cluster): Record<string, string> {
  const snapshot = snapshotOf(cluster);
  const info = makePodInfo(pod);
  const status = plugin.preFilter?.(info, snapshot);
  if (status?.code === "Skip") return Object.fromEntries(snapshot.nodes.map(({ name }) => [name, ""]));
  if (status && isRejection(status)) return { "*": textOf(status) };
  const state = (status?.code === "Success" ? status.state : undefined) as F;
  const answers: Record<string, string> = {};
  for (const node of snapshot.nodes) {
    const isNamed = status?.code !== "Success" || !status.nodeNames || status.nodeNames.has(node.name);
    if (!isNamed) continue;
    const answer = plugin.filter!(state, info, node);
    answers[node.name] = isRejection(answer) ? textOf(answer) : "";
  }
  return answers;
}

function textOf({ code, reasons }: Rejection): string {
  return `${code === "UnschedulableAndUnresolvable" ? "!" : ""}${reasons.join("; ")}`;
}

/** By node, the normalized score; "skip" where the plug-in has nothing to say. */
export function score<F, S>(plugin: Plugin<F, S>, pod: Pod, cluster: Cluster): Record<string, number> | "skip" {
  const snapshot = snapshotOf(cluster);
  const info = makePodInfo(pod);
  const { nodes } = snapshot;
  const status = plugin.preScore?.(info, nodes, snapshot);
  if (status?.code === "Skip") return "skip";
  const state = (status?.code === "Success" ? status.state : undefined) as S;
  const scores = new Float64Array(nodes.map((node) => plugin.score!(state, info, node, snapshot)));
  plugin.normalizeScores?.(scores, state, nodes);
  return Object.fromEntries(nodes.map(({ name }, at) => [name, scores[at]!]));
}

/** Whether the plug-in would have a pod it has rejected tried again after a change. */
export function isRetried<F, S>(
  plugin: Plugin<F, S>,
  pod: Pod,
  event: Pick<ClusterEvent, "resource" | "action">,
  { old, now }: { readonly old?: KubeObject; readonly now?: KubeObject },
): boolean {
  const asked = plugin.events?.filter((interest) => isOfInterest(interest, { ...event, label: "" })) ?? [];
  return asked.some((interest) => interest.isWorthTrying?.(pod, old, now) ?? true);
}
