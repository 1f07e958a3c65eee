// The order in which an add-on's objects come and go: what others need first, what stands in others' way last. Pure.

import { builtInResources, parseApiVersion, type UnknownObject } from "#kubernetes/api";

/** From what is needed first to what comes last. Removal goes the other way. */
const ranks = ["namespaces", "definitions", "built-in", "custom", "interceptors"] as const;

export type Rank = (typeof ranks)[number];

/** Webhooks and aggregated APIs are called for what comes after them, so nothing of the add-on does. */
const interceptors = new Set(["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService"]);

export function rankOf(kind: string, group: string): Rank {
  if (kind === "Namespace" && group === "") return "namespaces";
  if (kind === "CustomResourceDefinition") return "definitions";
  const isBuiltIn = builtInResources.some((resource) => resource.kind === kind && resource.group === group);
  if (!isBuiltIn) return "custom";
  return interceptors.has(kind) ? "interceptors" : "built-in";
}

export interface Wave {
  readonly rank: Rank;
  readonly objects: readonly UnknownObject[];
}

/** Waves to be applied one after the other; none is empty. */
export function inWaves(objects: readonly UnknownObject[]): Wave[] {
  const grouped = Map.groupBy(objects, ({ apiVersion = "", kind = "" }) =>
    rankOf(kind, parseApiVersion(apiVersion).group),
  );
  return ranks.flatMap((rank) => {
    const found = grouped.get(rank);
    return found ? [{ rank, objects: found }] : [];
  });
}

/** Kinds as "Role.rbac.authorization.k8s.io", in the order in which their objects go. */
export function inRemovalOrder(groupKinds: readonly string[]): string[][] {
  const grouped = Map.groupBy(groupKinds, (groupKind) => {
    const [kind = "", ...group] = groupKind.split(".");
    return rankOf(kind, group.join("."));
  });
  return ranks.toReversed().flatMap((rank) => {
    const found = grouped.get(rank);
    return found ? [found] : [];
  });
}
