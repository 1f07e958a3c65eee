// NodeUnschedulable: passes over nodes that are cordoned, unless the pod tolerates that.

import type { Node, Pod, Taint } from "#kubernetes/api";
import type { EventInterest } from "../events.ts";
import type { Plugin } from "../framework.ts";
import { success, unresolvable } from "../status.ts";
import { toleratesTaint, tolerationsKey } from "./tolerations.ts";

const name = "NodeUnschedulable";
const rejected = unresolvable(name, "node(s) were unschedulable");
const taint: Taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

const nodeUncordoned: EventInterest<Node> = {
  resource: "Node",
  actions: ["Add", "UpdateNodeTaint"],
  isWorthTrying: (_pod, old, now) => !now?.spec?.unschedulable && (!old || old.spec?.unschedulable === true),
};

const podTolerates: EventInterest<Pod> = {
  resource: "Pod",
  actions: ["UpdatePodToleration"],
  isWorthTrying: (pod, _old, now) =>
    now?.metadata.uid === pod.metadata.uid && toleratesTaint(now?.spec?.tolerations, taint),
};

export function createNodeUnschedulable(): Plugin {
  return {
    name,
    scope: "node",
    events: [nodeUncordoned, podTolerates],
    sign: ({ pod }) => tolerationsKey(pod.spec?.tolerations),
    filter(_state, { pod }, { node }) {
      if (!node?.spec?.unschedulable) return success;
      return toleratesTaint(pod.spec?.tolerations, taint) ? success : rejected;
    },
  };
}
