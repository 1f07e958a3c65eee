// Where a persistent volume can be used from.

import type { Labels, NodeSelector, PersistentVolume } from "#kubernetes/api";
import { type NodeMatcher, nodeSelectorMatcher } from "../node-selection.ts";

const matchers = new WeakMap<NodeSelector, NodeMatcher>();

/** Whether a node with these labels can use the volume. */
export function allowsNode({ spec }: PersistentVolume, labels: Labels | undefined): boolean {
  const required = spec?.nodeAffinity?.required;
  if (!required) return true;
  let matches = matchers.get(required);
  if (!matches) {
    matches = nodeSelectorMatcher(required);
    matchers.set(required, matches);
  }
  return matches({ metadata: labels ? { labels } : {} });
}
