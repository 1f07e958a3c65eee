// Node selectors and node affinity terms, compiled: which nodes a pod (or a volume) may be on, and how much it likes them.

import {
  createFieldSelector,
  createSelector,
  type FieldRequirement,
  type LabelOperator,
  makeRequirement,
  type Node,
  type NodeSelector,
  type NodeSelectorRequirement,
  type NodeSelectorTerm,
  type Pod,
  type PreferredSchedulingTerm,
  SelectorError,
  selectorOfLabels,
} from "#kubernetes/api";

export type NodeMatcher = (node: Node) => boolean;

/** Which nodes the pod's node selector and required node affinity allow; undefined where it has neither. */
export function requiredNodesOf({ spec }: Pod): NodeMatcher | undefined {
  const labels = spec?.nodeSelector;
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const selector = labels && Object.keys(labels).length > 0 ? selectorOfLabels(labels) : undefined;
  const matchesTerms = required && nodeSelectorMatcher(required);
  if (!selector) return matchesTerms;
  return (node) => selector.matches(node.metadata.labels) && (matchesTerms?.(node) ?? true);
}

/** A node must match one of the terms. A term that cannot be understood matches none, an empty one neither. */
export function nodeSelectorMatcher({ nodeSelectorTerms }: NodeSelector): NodeMatcher {
  const terms = nodeSelectorTerms.filter((term) => !isEmpty(term)).map(lenientMatcher);
  return (node) => terms.some((matches) => matches(node));
}

/** As nodeSelectorMatcher, but throws SelectorError where a term cannot be understood. */
export function strictNodeSelectorMatcher({ nodeSelectorTerms }: NodeSelector): NodeMatcher {
  const terms = nodeSelectorTerms.filter((term) => !isEmpty(term)).map(termMatcher);
  return (node) => terms.some((matches) => matches(node));
}

/** The sum of the weights of the terms a node matches. Throws SelectorError where a term cannot be understood. */
export function preferenceScorer(terms: readonly PreferredSchedulingTerm[]): (node: Node) => number {
  const compiled = terms
    .filter(({ weight, preference }) => weight !== 0 && !isEmpty(preference))
    .map(({ weight, preference }) => ({ weight, matches: termMatcher(preference) }));
  return (node) => {
    let score = 0;
    for (const { weight, matches } of compiled) if (matches(node)) score += weight;
    return score;
  };
}

/** A text that is equal for pods that may be on the same nodes and like them equally. */
export function nodeSelectionKey({ spec }: Pod): string {
  const { nodeSelector } = spec ?? {};
  const affinity = spec?.affinity?.nodeAffinity;
  if (!nodeSelector && !affinity) return "";
  return JSON.stringify([nodeSelector, affinity]);
}

function isEmpty({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): boolean {
  return matchExpressions.length === 0 && matchFields.length === 0;
}

function lenientMatcher(term: NodeSelectorTerm): NodeMatcher {
  try {
    return termMatcher(term);
  } catch (error) {
    if (error instanceof SelectorError) return () => false;
    throw error;
  }
}

function termMatcher({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): NodeMatcher {
  const labels = createSelector(matchExpressions.map(labelRequirement));
  const fields = createFieldSelector(matchFields.map(fieldRequirement));
  return ({ metadata }) => {
    if (!labels.matches(metadata.labels)) return false;
    const { name = "" } = metadata;
    return name === "" || fields.matches((field) => (field === "metadata.name" ? name : ""));
  };
}

const operators: Readonly<Record<string, LabelOperator>> = {
  In: "in",
  NotIn: "notin",
  Exists: "exists",
  DoesNotExist: "!",
  Gt: "gt",
  Lt: "lt",
};

function labelRequirement({ key, operator, values = [] }: NodeSelectorRequirement): ReturnType<typeof makeRequirement> {
  const known = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (!known) throw new SelectorError(`"${operator}" is not a valid node selector operator`);
  return makeRequirement(key, known, values);
}

function fieldRequirement({ key, operator, values = [] }: NodeSelectorRequirement): FieldRequirement {
  if (operator !== "In" && operator !== "NotIn") {
    throw new SelectorError(`"${operator}" is not a valid node field selector operator`);
  }
  if (values.length !== 1) throw new SelectorError("values: must have one element");
  return { field: key, operator: operator === "In" ? "=" : "!=", value: values[0]! };
}
