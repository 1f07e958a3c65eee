// PodTopologySpread: spreads pods evenly over hosts, zones and other topologies, as they ask for or by default.

import type { Pod, TopologySpreadConstraint } from "#kubernetes/api";
import type { Plugin, PluginHandle } from "../framework.ts";
import { skip } from "../status.ts";
import {
  compileConstraints,
  hasOwnConstraints,
  type SpreadConstraint,
  systemConstraints,
  type WhenUnsatisfiable,
} from "./pod-topology-spread/constraints.ts";
import { DefaultSelectors } from "./pod-topology-spread/default-selectors.ts";
import {
  changeSpreadState,
  checkSpread,
  copySpreadState,
  makeSpreadState,
  pluginName,
  type SpreadState,
} from "./pod-topology-spread/filtering.ts";
import { nodeHint, podHint } from "./pod-topology-spread/hints.ts";
import { makeSpreadScoring, normalizeSpread, type SpreadScoring, scoreSpread } from "./pod-topology-spread/scoring.ts";

export interface PodTopologySpreadArgs {
  /** For pods without constraints of their own; they have no selector: it is worked out for each pod. */
  readonly defaultConstraints?: readonly TopologySpreadConstraint[];
  /** "System" (the default): the scheduler's own default constraints. "List": those given here. */
  readonly defaultingType?: "System" | "List";
}

export function createPodTopologySpread(
  args: PodTopologySpreadArgs,
  { informers }: Pick<PluginHandle, "informers">,
): Plugin<SpreadState, SpreadScoring> {
  const isSystem = (args.defaultingType ?? "System") === "System";
  const defaults = isSystem ? systemConstraints : (args.defaultConstraints ?? []);
  const selectors = defaults.length > 0 ? new DefaultSelectors(informers) : undefined;
  const constraintsOf = makeConstraintsOf(defaults, selectors);
  const hardConstraintsOf = (pod: Pod) => constraintsOf(pod, "DoNotSchedule");
  return {
    name: pluginName,
    events: [podHint(hardConstraintsOf), nodeHint(hardConstraintsOf)],
    preFilter(pod, snapshot) {
      const constraints = hardConstraintsOf(pod.pod);
      if (constraints.length === 0) return skip;
      return { code: "Success", state: makeSpreadState(pod, constraints, snapshot) };
    },
    copyState: copySpreadState,
    addPod: (state, { namespace }, other, node) => changeSpreadState(state, namespace, other, node, 1),
    removePod: (state, { namespace }, other, node) => changeSpreadState(state, namespace, other, node, -1),
    filter: (state, _pod, node) => checkSpread(state, node),
    preScore(pod, nodes, snapshot) {
      const constraints = constraintsOf(pod.pod, "ScheduleAnyway");
      if (constraints.length === 0) return skip;
      const isStrict = hasOwnConstraints(pod.pod) || !isSystem;
      return { code: "Success", state: makeSpreadScoring(pod, constraints, isStrict, nodes, snapshot) };
    },
    score: (state, _pod, node) => scoreSpread(state, node),
    normalizeScores: normalizeSpread,
    async stop() {
      selectors?.stop();
    },
  };
}

function makeConstraintsOf(defaults: readonly TopologySpreadConstraint[], selectors: DefaultSelectors | undefined) {
  return (pod: Pod, when: WhenUnsatisfiable): readonly SpreadConstraint[] => {
    const { labels } = pod.metadata;
    if (hasOwnConstraints(pod)) return compileConstraints(pod.spec?.topologySpreadConstraints ?? [], when, labels);
    if (!selectors || !defaults.some(({ whenUnsatisfiable }) => whenUnsatisfiable === when)) return [];
    const selector = selectors.of(pod);
    if (selector.isEmpty) return [];
    return compileConstraints(defaults, when, labels).map((constraint) => ({ ...constraint, selector }));
  };
}
