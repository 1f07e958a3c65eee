// NodeDeclaredFeatures: pods that need a feature of the kubelet go to nodes that declare it.

import { equalJson, type Node, type Pod } from "#kubernetes/api";
import type { EventInterest } from "../events.ts";
import type { Plugin } from "../framework.ts";
import { skip, success, unresolvable } from "../status.ts";

const name = "NodeDeclaredFeatures";
const rejected = unresolvable(name, "node(s) didn't match Pod's required features");

/** The features a pod may need, and how it shows. */
const inferences: Readonly<Record<string, (pod: Pod) => boolean>> = {
  RestartAllContainersOnContainerExits: ({ spec }) =>
    [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].some(({ restartPolicyRules = [] }) =>
      restartPolicyRules.some(({ action }) => action === "RestartAllContainers"),
    ),
  UserNamespacesHostNetworkSupport: ({ spec }) => spec?.hostNetwork === true && spec.hostUsers === false,
};

const nodeDeclares: EventInterest<Node> = {
  resource: "Node",
  actions: ["Add", "UpdateNodeDeclaredFeature"],
  isWorthTrying: (_pod, old, now) =>
    !old || !equalJson(old.status?.declaredFeatures ?? [], now?.status?.declaredFeatures ?? []),
};

const podNeedsOthers: EventInterest<Pod> = {
  resource: "Pod",
  actions: ["Update"],
  isWorthTrying(pod, old, now) {
    if (!old || !now || now.metadata.uid !== pod.metadata.uid) return false;
    return !equalJson(requiredFeatures(old), requiredFeatures(now));
  },
};

export function createNodeDeclaredFeatures(): Plugin<readonly string[]> {
  return {
    name,
    scope: "node",
    events: [nodeDeclares, podNeedsOthers],
    sign: ({ pod }) => requiredFeatures(pod).join(","),
    preFilter({ pod }) {
      const required = requiredFeatures(pod);
      return required.length === 0 ? skip : { code: "Success", state: required };
    },
    filter(required, _pod, { node }) {
      const declared = node?.status?.declaredFeatures ?? [];
      return required.every((feature) => declared.includes(feature)) ? success : rejected;
    },
  };
}

function requiredFeatures(pod: Pod): string[] {
  return Object.keys(inferences).filter((feature) => inferences[feature]!(pod));
}
