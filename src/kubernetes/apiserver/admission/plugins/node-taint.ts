// TaintNodesByCondition: a new node takes no pods before it is known to be ready.

import type { Node } from "#kubernetes/api";
import { type AdmissionPlugin, isResource } from "../admission.ts";

const taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

export const taintNodesByCondition: AdmissionPlugin = {
  name: "TaintNodesByCondition",
  handles: (target) => target.operation === "CREATE" && isResource(target, "", "nodes"),
  admit({ object }) {
    const node = object as Node;
    node.spec ??= {};
    const { taints = [] } = node.spec;
    if (taints.some(({ key, effect }) => key === taint.key && effect === taint.effect)) return;
    node.spec.taints = [...taints, { ...taint }];
  },
};
