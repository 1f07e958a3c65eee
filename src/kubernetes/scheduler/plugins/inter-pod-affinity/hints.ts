// Which changes may help a pod that the affinity or anti-affinity of pods has kept off all nodes.

import type { Node, Pod } from "#kubernetes/api";
import { makePodInfo } from "../../cluster/pod-info.ts";
import type { EventInterest } from "../../events.ts";
import { matchesAll } from "./term-counts.ts";

export const podHint: EventInterest<Pod> = {
  resource: "Pod",
  actions: ["Add", "UpdatePodLabel", "Delete"],
  isWorthTrying(pod, old, now) {
    if (old && now && now.metadata.uid === pod.metadata.uid) return true;
    if ((now && !hasNode(now)) || (old && !hasNode(old))) return false;
    const { requiredAffinity, requiredAntiAffinity } = makePodInfo(pod).affinity;
    const wants = (other: Pod) => matchesAll(requiredAffinity, makePodInfo(other));
    const shuns = (other: Pod) => matchesAll(requiredAntiAffinity, makePodInfo(other));
    if (old && now) return (!wants(old) && wants(now)) || (shuns(old) && !shuns(now));
    if (now) return wants(now);
    return (
      old !== undefined && (shuns(old) || matchesAll(makePodInfo(old).affinity.requiredAntiAffinity, makePodInfo(pod)))
    );
  },
};

export const nodeHint: EventInterest<Node> = {
  resource: "Node",
  actions: ["Add", "UpdateNodeLabel"],
  isWorthTrying(pod, old, now) {
    const { requiredAffinity, requiredAntiAffinity } = makePodInfo(pod).affinity;
    const after = now?.metadata.labels ?? {};
    if (!old) {
      return (
        requiredAntiAffinity.length > 0 || requiredAffinity.some(({ topologyKey }) => after[topologyKey] !== undefined)
      );
    }
    const before = old.metadata.labels ?? {};
    const moved = (key: string) => before[key] !== undefined && after[key] !== undefined && before[key] !== after[key];
    return (
      requiredAffinity.some(
        ({ topologyKey: key }) => (before[key] === undefined && after[key] !== undefined) || moved(key),
      ) ||
      requiredAntiAffinity.some(
        ({ topologyKey: key }) => (before[key] !== undefined && after[key] === undefined) || moved(key),
      )
    );
  },
};

function hasNode({ spec, status }: Pod): boolean {
  return Boolean(spec?.nodeName || status?.nominatedNodeName);
}
