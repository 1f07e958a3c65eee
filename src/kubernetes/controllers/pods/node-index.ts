// Finds the pods that are on a node.

import type { Pod } from "#kubernetes/api";
import type { Informer, Lister } from "#kubernetes/client";

const indexName = "node";

/** Adds the index podsOnNode uses. */
export function indexByNode(pods: Informer<Pod>): Informer<Pod> {
  pods.addIndex(indexName, nodeValues);
  return pods;
}

export function podsOnNode(pods: Lister<Pod>, nodeName: string | undefined): readonly Pod[] {
  return pods.byIndex(indexName, nodeName ?? "");
}

function nodeValues({ spec }: Pod): readonly string[] {
  return spec?.nodeName ? [spec.nodeName] : [];
}
