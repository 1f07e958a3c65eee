// TaintToleration: keeps pods off nodes with taints they do not tolerate, and prefers nodes with fewer such of the mild kind.

import type { Node, Pod, Toleration } from "#kubernetes/api";
import type { EventInterest } from "../events.ts";
import type { Plugin } from "../framework.ts";
import { success, unresolvable } from "../status.ts";
import { normalizeToMost } from "./normalize.ts";
import { findUntoleratedTaint, toleratesTaint, tolerationsKey } from "./tolerations.ts";

const name = "TaintToleration";
const rejected = unresolvable(name, "node(s) had untolerated taint(s)");

const nodeTolerated: EventInterest<Node> = {
  resource: "Node",
  actions: ["Add", "UpdateNodeTaint"],
  isWorthTrying(pod, old, now) {
    const isKeptOff = (node: Node | undefined) =>
      findUntoleratedTaint(node?.spec?.taints, pod.spec?.tolerations) !== undefined;
    return (!old || isKeptOff(old)) && !isKeptOff(now);
  },
};

const podTolerates: EventInterest<Pod> = {
  resource: "Pod",
  actions: ["UpdatePodToleration"],
  isWorthTrying: (pod, _old, now) => now?.metadata.uid === pod.metadata.uid,
};

export function createTaintToleration(): Plugin<undefined, readonly Toleration[]> {
  return {
    name,
    scope: "node",
    events: [nodeTolerated, podTolerates],
    sign: ({ pod }) => tolerationsKey(pod.spec?.tolerations),
    filter: (_state, { pod }, { node }) =>
      findUntoleratedTaint(node?.spec?.taints, pod.spec?.tolerations) ? rejected : success,
    preScore({ pod }) {
      const tolerations = pod.spec?.tolerations ?? [];
      return { code: "Success", state: tolerations.filter(({ effect }) => !effect || effect === "PreferNoSchedule") };
    },
    /** How many taints of the mild kind the pod does not tolerate: the fewer the better. */
    score(tolerations, _pod, { node }) {
      let count = 0;
      for (const taint of node?.spec?.taints ?? []) {
        if (taint.effect === "PreferNoSchedule" && !toleratesTaint(tolerations, taint)) count++;
      }
      return count;
    },
    normalizeScores: (scores) => normalizeToMost(scores, { isReversed: true }),
  };
}
