// Topology spread constraints of pods, compiled; and those that pods without any of their own get.

import {
  createSelector,
  type LabelRequirement,
  type Labels,
  type Pod,
  type Selector,
  selectorOf,
  type TopologySpreadConstraint,
} from "#kubernetes/api";

export const hostnameLabel = "kubernetes.io/hostname";

export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  /** Which pods of the namespace are to be spread. */
  readonly selector: Selector;
  readonly minDomains: number;
  /** Whether only nodes count that the pod's node selector and affinity allow, and whose taints it tolerates. */
  readonly honorsNodeAffinity: boolean;
  readonly honorsTaints: boolean;
}

export type WhenUnsatisfiable = "DoNotSchedule" | "ScheduleAnyway";

/** What every pod gets that belongs to a workload or service: spread over hosts, and over zones. */
export const systemConstraints: readonly TopologySpreadConstraint[] = [
  { topologyKey: hostnameLabel, whenUnsatisfiable: "ScheduleAnyway", maxSkew: 3 },
  { topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway", maxSkew: 5 },
];

/** Throws SelectorError. */
export function compileConstraints(
  constraints: readonly TopologySpreadConstraint[],
  when: WhenUnsatisfiable,
  labels: Labels | undefined,
): SpreadConstraint[] {
  return constraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when).map((one) => compile(one, labels));
}

export function hasOwnConstraints({ spec }: Pod): boolean {
  return (spec?.topologySpreadConstraints?.length ?? 0) > 0;
}

function compile(constraint: TopologySpreadConstraint, labels: Labels | undefined): SpreadConstraint {
  const { maxSkew, topologyKey, labelSelector, matchLabelKeys = [], minDomains = 1 } = constraint;
  return {
    maxSkew,
    topologyKey,
    selector: withLabelsOf(selectorOf(labelSelector), matchLabelKeys, labels),
    minDomains,
    honorsNodeAffinity: (constraint.nodeAffinityPolicy ?? "Honor") === "Honor",
    honorsTaints: constraint.nodeTaintsPolicy === "Honor",
  };
}

/** Only pods count that have the same values of these labels as the pod itself. */
function withLabelsOf(selector: Selector, keys: readonly string[], labels: Labels = {}): Selector {
  const own = keys
    .filter((key) => typeof labels[key] === "string")
    .map((key): LabelRequirement => ({ key, operator: "=", values: [labels[key]!] }));
  // An absent selector selects nothing, whatever is asked besides.
  return own.length === 0 || !selectsAnything(selector) ? selector : createSelector([...selector.requirements, ...own]);
}

function selectsAnything(selector: Selector): boolean {
  return selector.isEmpty || selector.requirements.length > 0;
}
