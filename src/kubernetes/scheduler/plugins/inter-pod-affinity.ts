// InterPodAffinity: pods that want to be near others, or far from them.

import type { Plugin, PluginHandle } from "../framework.ts";
import { skip, unresolvable } from "../status.ts";
import {
  type AffinityState,
  changeAffinityState,
  checkAffinity,
  copyAffinityState,
  makeAffinityState,
  pluginName,
} from "./inter-pod-affinity/filtering.ts";
import { nodeHint, podHint } from "./inter-pod-affinity/hints.ts";
import { Namespaces } from "./inter-pod-affinity/namespaces.ts";
import {
  type AffinityScoring,
  makeAffinityScoring,
  normalizeAffinity,
  scoreAffinity,
} from "./inter-pod-affinity/scoring.ts";

export interface InterPodAffinityArgs {
  /** What a required affinity term of another pod about this one is worth, 0 to 100. Default 1. */
  readonly hardPodAffinityWeight?: number;
  /** Pods without preferences of their own are not scored. Default false. */
  readonly ignorePreferredTermsOfExistingPods?: boolean;
}

export function createInterPodAffinity(
  { hardPodAffinityWeight = 1, ignorePreferredTermsOfExistingPods = false }: InterPodAffinityArgs,
  { informers }: Pick<PluginHandle, "informers">,
): Plugin<AffinityState, AffinityScoring> {
  const namespaces = new Namespaces(informers);
  const resolve = namespaces.resolve.bind(namespaces);
  return {
    name: pluginName,
    events: [podHint, nodeHint],
    preFilter(pod, snapshot) {
      const { affinity, namespace } = pod;
      if (affinity.error !== undefined) return unresolvable(pluginName, `parsing pod: ${affinity.error}`);
      const own = {
        affinity: affinity.requiredAffinity.map(resolve),
        antiAffinity: affinity.requiredAntiAffinity.map(resolve),
      };
      const state = makeAffinityState(pod, own, namespaces.labelsOf(namespace), snapshot);
      return state ? { code: "Success", state } : skip;
    },
    copyState: copyAffinityState,
    addPod: (state, pod, other, node) => changeAffinityState(state, pod, other, node, 1),
    removePod: (state, pod, other, node) => changeAffinityState(state, pod, other, node, -1),
    filter: (state, _pod, node) => checkAffinity(state, node),
    preScore(pod, _nodes, snapshot) {
      const { preferredAffinity, preferredAntiAffinity } = pod.affinity;
      const hasPreferences = preferredAffinity.length > 0 || preferredAntiAffinity.length > 0;
      if (!hasPreferences && (ignorePreferredTermsOfExistingPods || !snapshot.terms.hasScoring)) return skip;
      const state = makeAffinityScoring(pod, snapshot, {
        requiredWeight: hardPodAffinityWeight,
        namespaceLabels: namespaces.labelsOf(pod.namespace),
        resolve,
      });
      return state.length > 0 ? { code: "Success", state } : skip;
    },
    score: (state, _pod, node) => scoreAffinity(state, node),
    normalizeScores: normalizeAffinity,
    async stop() {
      namespaces.stop();
    },
  };
}
