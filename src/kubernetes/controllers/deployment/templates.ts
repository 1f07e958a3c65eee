// Which ReplicaSet has the template a Deployment has now, and what a new one is called. Pure.

import type { Deployment, PodTemplateSpec, ReplicaSet } from "#kubernetes/api";
import { canonicalJson } from "../canonical-json.ts";
import { computeHash } from "../template-hash.ts";

export const hashLabel = "pod-template-hash";
const longestName = 253;

const fingerprints = new WeakMap<PodTemplateSpec, string>();

/** True where the templates differ in the hash label at most. */
export function isSameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  return fingerprint(a) === fingerprint(b);
}

/** Templates are parts of shared objects that never change: each is written out once. */
function fingerprint(template: PodTemplateSpec | undefined): string {
  if (!template) return "";
  let text = fingerprints.get(template);
  if (text === undefined) {
    text = canonicalJson(withoutHash(template));
    fingerprints.set(template, text);
  }
  return text;
}

export function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [hashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  const { labels: __, ...metadata } = template.metadata ?? {};
  return { ...template, metadata: Object.keys(labels).length > 0 ? { ...metadata, labels } : metadata };
}

/** The oldest set with the Deployment's template, should there be several. */
export function findNewSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return sets.toSorted(compareByAge).find((set) => isSameTemplate(set.spec?.template, deployment.spec?.template));
}

export function hashOfTemplate(deployment: Deployment): string {
  return computeHash(deployment.spec?.template, deployment.status?.collisionCount);
}

export function nameOfSet(deployment: Deployment, hash: string): string {
  const { name = "" } = deployment.metadata;
  return `${name.slice(0, longestName - 1 - hash.length)}-${hash}`;
}

/** Older first; names decide among those of one second. */
export function compareByAge(a: ReplicaSet, b: ReplicaSet): number {
  const [createdA = "", createdB = ""] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (createdA !== createdB) return createdA < createdB ? -1 : 1;
  return (a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1;
}
