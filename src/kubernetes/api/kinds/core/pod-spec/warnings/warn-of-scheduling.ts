// Warnings about how a pod chooses its node: by labels that are deprecated, by selectors that match nothing.

import { child, item } from "../../../../field-error.ts";
import type { Affinity, PodSpec } from "../../../../generated/types.ts";
import { describeDeprecation, warnOfNodeSelector, warnOfNodeSelectorTerm } from "../../scheduling/deprecated-labels.ts";

const requiredField = "requiredDuringSchedulingIgnoredDuringExecution";
const preferredField = "preferredDuringSchedulingIgnoredDuringExecution";
const matchesNothing = "a null labelSelector results in matching no pod";

export function warnOfNodeSelection(spec: PodSpec, path: string, warnings: string[]): void {
  warnOfNodeSelector(spec.nodeSelector, child(path, "nodeSelector"), warnings);
  const nodeAffinity = spec.affinity?.nodeAffinity;
  const affinityPath = child(path, "affinity", "nodeAffinity");
  for (const [index, term] of (nodeAffinity?.[requiredField]?.nodeSelectorTerms ?? []).entries()) {
    warnOfNodeSelectorTerm(term, item(child(affinityPath, requiredField, "nodeSelectorTerms"), index), warnings);
  }
  for (const [index, { preference }] of (nodeAffinity?.[preferredField] ?? []).entries()) {
    const termPath = child(item(child(affinityPath, preferredField), index), "preference");
    warnOfNodeSelectorTerm(preference, termPath, warnings, { checkValues: true });
  }
  for (const [index, { topologyKey, labelSelector }] of (spec.topologySpreadConstraints ?? []).entries()) {
    const constraintPath = item(child(path, "topologySpreadConstraints"), index);
    const deprecation = describeDeprecation(topologyKey);
    if (deprecation !== undefined) warnings.push(`${constraintPath}.topologyKey: ${topologyKey} is ${deprecation}`);
    if (!labelSelector) warnings.push(`${constraintPath}.labelSelector: ${matchesNothing}`);
  }
}

export function warnOfPodAffinity(affinity: Affinity | undefined, path: string, warnings: string[]): void {
  for (const field of ["podAffinity", "podAntiAffinity"] as const) {
    const requiredPath = child(path, field, requiredField);
    for (const [index, { labelSelector }] of (affinity?.[field]?.[requiredField] ?? []).entries()) {
      if (!labelSelector) warnings.push(`${item(requiredPath, index)}.labelSelector: ${matchesNothing}`);
    }
    const preferredPath = child(path, field, preferredField);
    for (const [index, { podAffinityTerm }] of (affinity?.[field]?.[preferredField] ?? []).entries()) {
      if (podAffinityTerm.labelSelector) continue;
      warnings.push(`${item(preferredPath, index)}.podAffinityTerm.labelSelector: ${matchesNothing}`);
    }
  }
}
