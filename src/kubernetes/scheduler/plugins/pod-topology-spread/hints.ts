// Which changes may help a pod that no node would take evenly.

import type { Labels, Node, Pod } from "#kubernetes/api";
import { equalJson } from "#kubernetes/api";
import { equalLabels } from "../../cluster/pod-info.ts";
import type { EventInterest } from "../../events.ts";
import type { SpreadConstraint } from "./constraints.ts";
import { hasLabels } from "./spread-counts.ts";

type ConstraintsOf = (pod: Pod) => readonly SpreadConstraint[];

export function podHint(constraintsOf: ConstraintsOf): EventInterest<Pod> {
  return {
    resource: "Pod",
    actions: ["Add", "UpdatePodLabel", "UpdatePodToleration", "Delete"],
    isWorthTrying(pod, old, now) {
      if ((now && !isInvolved(now, pod)) || (old && !isInvolved(old, pod))) return false;
      const constraints = constraintsOf(pod);
      const isAbout = (labels: Labels | undefined) => constraints.some(({ selector }) => selector.matches(labels));
      if (!old || !now) return isAbout((now ?? old)?.metadata.labels);
      const toleratesOthers = !equalJson(old.spec?.tolerations ?? [], now.spec?.tolerations ?? []);
      const isSelf = pod.metadata.uid === now.metadata.uid;
      if (isSelf && toleratesOthers && constraints.some(({ honorsTaints }) => honorsTaints)) return true;
      if (equalLabels(old.metadata.labels, now.metadata.labels)) return false;
      return constraints.some(
        ({ selector }) => selector.matches(old.metadata.labels) !== selector.matches(now.metadata.labels),
      );
    },
  };
}

export function nodeHint(constraintsOf: ConstraintsOf): EventInterest<Node> {
  return {
    resource: "Node",
    actions: ["Add", "Delete", "UpdateNodeLabel", "UpdateNodeTaint"],
    isWorthTrying(pod, old, now) {
      const keys = constraintsOf(pod).map(({ topologyKey }) => topologyKey);
      const countsNow = now !== undefined && hasLabels(now, keys);
      const countedBefore = old !== undefined && hasLabels(old, keys);
      if (!old || !now) return countsNow || countedBefore;
      if (countsNow !== countedBefore) return true;
      const [before = {}, after = {}] = [old.metadata.labels, now.metadata.labels];
      const isMoved = keys.some((key) => before[key] !== after[key]);
      return countsNow && (isMoved || !equalJson(old.spec?.taints ?? [], now.spec?.taints ?? []));
    },
  };
}

/** Pods without a node weigh on no topology, but for the pod itself. */
function isInvolved(other: Pod, pod: Pod): boolean {
  if (other.metadata.uid === pod.metadata.uid) return true;
  const hasNode = Boolean(other.spec?.nodeName || other.status?.nominatedNodeName);
  return hasNode && other.metadata.namespace === pod.metadata.namespace;
}
