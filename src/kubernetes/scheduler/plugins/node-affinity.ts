// NodeAffinity: the nodes a pod's node selector and node affinity allow, and those it prefers.

import type { Node, NodeAffinity as NodeAffinityTerms, Pod } from "#kubernetes/api";
import type { EventInterest } from "../events.ts";
import type { Plugin } from "../framework.ts";
import { skip, success, unresolvable } from "../status.ts";
import type { NodeMatcher } from "./node-selection.ts";
import { nodeSelectionKey, preferenceScorer, requiredNodesOf, strictNodeSelectorMatcher } from "./node-selection.ts";
import { normalizeToMost } from "./normalize.ts";

const name = "NodeAffinity";
const rejected = unresolvable(name, "node(s) didn't match Pod's node affinity/selector");
const notEnforced = unresolvable(name, "node(s) didn't match scheduler-enforced node affinity");
const conflict = unresolvable(name, "pod affinity terms conflict");

export interface NodeAffinityArgs {
  /** Counts for every pod besides its own. */
  readonly addedAffinity?: NodeAffinityTerms;
}

type Scorer = (node: Node) => number;

export function createNodeAffinity({ addedAffinity }: NodeAffinityArgs = {}): Plugin<NodeMatcher | undefined, Scorer> {
  const { required: enforced, preferred: added } = compileAdded(addedAffinity);
  const nodeMatches: EventInterest<Node> = {
    resource: "Node",
    actions: ["Add", "UpdateNodeLabel"],
    isWorthTrying(pod, old, now) {
      const matches = requiredNodesOf(pod) ?? (() => true);
      if (!now || (enforced && !enforced(now)) || !matches(now)) return false;
      return !old || !matches(old);
    },
  };
  return {
    name,
    scope: "node",
    events: [nodeMatches],
    sign: ({ pod }) => nodeSelectionKey(pod),
    preFilter({ pod }) {
      const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
      if (!required && !enforced && !pod.spec?.nodeSelector) return skip;
      const nodeNames = nodeNamesOf(pod);
      if (nodeNames?.size === 0) return conflict;
      return { code: "Success", state: requiredNodesOf(pod), nodeNames };
    },
    filter(matches, _pod, { node }) {
      if (enforced && !enforced(node!)) return notEnforced;
      return !matches || matches(node!) ? success : rejected;
    },
    preScore({ pod }) {
      const preferred = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
      if (!preferred && !added) return skip;
      const own = preferenceScorer(preferred ?? []);
      return { code: "Success", state: added ? (node) => added(node) + own(node) : own };
    },
    score: (scoreOf, _pod, { node }) => scoreOf(node!),
    normalizeScores: (scores) => normalizeToMost(scores),
  };
}

/** Where every term names its nodes, no others need be looked at. */
function nodeNamesOf({ spec }: Pod): ReadonlySet<string> | undefined {
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  if (terms.length === 0) return undefined;
  let names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const named = matchFields.filter(({ key, operator }) => key === "metadata.name" && operator === "In");
    if (named.length === 0) return undefined;
    const sets = named.map(({ values = [] }) => new Set(values));
    names = names.union(sets.reduce((common, set) => common.intersection(set)));
  }
  return names;
}

function compileAdded(added: NodeAffinityTerms | undefined): {
  readonly required: NodeMatcher | undefined;
  readonly preferred: Scorer | undefined;
} {
  const required = added?.requiredDuringSchedulingIgnoredDuringExecution;
  const preferred = added?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return {
    required: required && strictNodeSelectorMatcher(required),
    preferred: preferred.length > 0 ? preferenceScorer(preferred) : undefined,
  };
}
