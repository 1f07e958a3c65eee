// The distinct affinity terms of all pods that have a node. Workloads are few where pods are many: a pod to be placed is held
// against each term once, not against each pod.

import type { AffinityTerm } from "./affinity-term.ts";
import type { PodInfo } from "./pod-info.ts";

interface Entry {
  readonly term: AffinityTerm;
  pods: number;
}

export class TermRegistry {
  readonly #requiredAnti = new Map<string, Entry>();
  readonly #scoring = new Map<string, Entry>();

  /** Terms that keep other pods away. */
  requiredAntiAffinity(): Iterable<AffinityTerm> {
    return this.#requiredAnti.values().map(({ term }) => term);
  }

  /** Terms that make a node better or worse for other pods: preferred ones, and required affinity. */
  scoring(): Iterable<AffinityTerm> {
    return this.#scoring.values().map(({ term }) => term);
  }

  get hasScoring(): boolean {
    return this.#scoring.size > 0;
  }

  get hasRequiredAntiAffinity(): boolean {
    return this.#requiredAnti.size > 0;
  }

  add({ affinity }: PodInfo): void {
    if (!affinity.isPresent) return;
    for (const term of affinity.requiredAntiAffinity) count(this.#requiredAnti, term, 1);
    for (const term of affinity.requiredAffinity) count(this.#scoring, term, 1);
    for (const { term } of affinity.preferredAffinity) count(this.#scoring, term, 1);
    for (const { term } of affinity.preferredAntiAffinity) count(this.#scoring, term, 1);
  }

  remove({ affinity }: PodInfo): void {
    if (!affinity.isPresent) return;
    for (const term of affinity.requiredAntiAffinity) count(this.#requiredAnti, term, -1);
    for (const term of affinity.requiredAffinity) count(this.#scoring, term, -1);
    for (const { term } of affinity.preferredAffinity) count(this.#scoring, term, -1);
    for (const { term } of affinity.preferredAntiAffinity) count(this.#scoring, term, -1);
  }
}

function count(entries: Map<string, Entry>, term: AffinityTerm, change: 1 | -1): void {
  const entry = entries.get(term.key);
  if (!entry) entries.set(term.key, { term, pods: change });
  else if (entry.pods + change === 0) entries.delete(term.key);
  else entry.pods += change;
}
