// NodeName: a pod that names its node goes there or nowhere.

import type { Plugin } from "../framework.ts";
import { success, unresolvable } from "../status.ts";

const name = "NodeName";
const rejected = unresolvable(name, "node(s) didn't match the requested node name");

export function createNodeName(): Plugin {
  return {
    name,
    scope: "node",
    events: [{ resource: "Node", actions: ["Add"] }],
    sign: ({ pod }) => pod.spec?.nodeName ?? "",
    filter(_state, { pod }, node) {
      const wanted = pod.spec?.nodeName;
      return !wanted || wanted === node.name ? success : rejected;
    },
  };
}
