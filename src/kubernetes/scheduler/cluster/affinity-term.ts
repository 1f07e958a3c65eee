// Terms of pod affinity and anti-affinity, parsed once: pods of one workload share the very same term objects, so that what is
// counted for a term is counted once for all of them.

import {
  everythingSelector,
  type Labels,
  nothingSelector,
  type PodAffinityTerm,
  type Selector,
  selectorOf,
} from "#kubernetes/api";

/** Which other pods a term is about, and over which nodes it reaches. Never changes. */
export interface AffinityTerm {
  /** Equal for terms that say the same. */
  readonly key: string;
  readonly topologyKey: string;
  /** The namespaces named, or the pod's own where the term names none. */
  readonly namespaces: ReadonlySet<string>;
  /** Further namespaces, by their labels. */
  readonly namespaceSelector: Selector;
  readonly selector: Selector;
}

export interface WeightedTerm {
  readonly term: AffinityTerm;
  readonly weight: number;
}

const mostKnown = 5000;
const known = new Map<string, AffinityTerm>();

/** The term of a pod in `namespace`. Throws SelectorError. */
export function affinityTermOf(namespace: string, term: PodAffinityTerm): AffinityTerm {
  const text = `${namespace}/${JSON.stringify(term)}`;
  const found = known.get(text);
  if (found) return found;
  const parsed = parseTerm(namespace, term);
  if (known.size >= mostKnown) known.clear();
  known.set(text, parsed);
  return parsed;
}

/** Whether a pod with these labels in this namespace is one the term is about. */
export function matchesTerm(
  term: AffinityTerm,
  namespace: string,
  labels: Labels | undefined,
  namespaceLabels: Labels | undefined,
): boolean {
  const isInNamespace = term.namespaces.has(namespace) || term.namespaceSelector.matches(namespaceLabels);
  return isInNamespace && term.selector.matches(labels);
}

/** A selector's text that also tells "everything" from "nothing". */
export function selectorKey(selector: Selector): string {
  return selector === nothingSelector ? "-" : selector.isEmpty ? "*" : selector.toString();
}

/** The same term over exactly these namespaces: what a namespace selector stood for when the pod was looked at. */
export function withNamespaces(term: AffinityTerm, namespaces: ReadonlySet<string>): AffinityTerm {
  return makeTerm(term.topologyKey, namespaces, nothingSelector, term.selector);
}

function parseTerm(namespace: string, term: PodAffinityTerm): AffinityTerm {
  const names = term.namespaces ?? [];
  const isOwnNamespace = names.length === 0 && term.namespaceSelector === undefined;
  const namespaces = new Set(isOwnNamespace ? [namespace] : names);
  const selector = selectorOf(term.labelSelector);
  return makeTerm(term.topologyKey, namespaces, namespaceSelectorOf(term), selector);
}

function namespaceSelectorOf({ namespaceSelector }: PodAffinityTerm): Selector {
  const selector = selectorOf(namespaceSelector);
  return selector.isEmpty ? everythingSelector : selector;
}

function makeTerm(
  topologyKey: string,
  namespaces: ReadonlySet<string>,
  namespaceSelector: Selector,
  selector: Selector,
): AffinityTerm {
  const names = [...namespaces].sort().join(",");
  const key = `${topologyKey}|${names}|${selectorKey(namespaceSelector)}|${selectorKey(selector)}`;
  return { key, topologyKey, namespaces, namespaceSelector, selector };
}
