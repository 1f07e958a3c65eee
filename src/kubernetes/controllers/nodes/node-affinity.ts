// Whether a node is one a pod asks for, by nodeSelector and required node affinity. Pure.

import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from "#kubernetes/api";
import { compileLabels, matchesLabels } from "../ownership/selectors.ts";

/** Both must hold; a pod that asks for nothing takes any node. */
export function matchesRequiredNodes(spec: PodSpec, node: Node): boolean {
  if (spec.nodeSelector && !matchesLabels(compileLabels(spec.nodeSelector), node)) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelector(required, node);
}

/** One term must match; one that asks for nothing matches none. */
export function matchesNodeSelector({ nodeSelectorTerms }: NodeSelector, node: Node): boolean {
  return nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const { labels = {}, name } = node.metadata;
  return (
    matchExpressions.every((requirement) => matchesRequirement(requirement, labels[requirement.key])) &&
    matchFields.every((requirement) => matchesField(requirement, requirement.key === "metadata.name" ? name : ""))
  );
}

function matchesRequirement({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return compareIntegers(value, values[0]) > 0;
    case "Lt":
      return compareIntegers(value, values[0]) < 0;
    default:
      return false;
  }
}

/** NaN, which is neither more nor less, where one of them is no integer. */
function compareIntegers(a: string | undefined, b: string | undefined): number {
  const integer = /^[+-]?\d+$/;
  if (a === undefined || b === undefined || !integer.test(a) || !integer.test(b)) return Number.NaN;
  return Number(a) - Number(b);
}

/** Fields know one value only. */
function matchesField({ operator, values = [] }: NodeSelectorRequirement, value = ""): boolean {
  if (values.length !== 1) return false;
  if (operator === "In") return values[0] === value;
  return operator === "NotIn" && values[0] !== value;
}
