// The ReplicaSets of a Deployment while a plan is being made: as they are, and how the steps so far want them.

import type { Deployment, ReplicaSet } from "#kubernetes/api";
import type { Conditions } from "./conditions.ts";
import { replicasOf } from "./limits.ts";
import { annotateReplicas } from "./replica-set-annotations.ts";

/** What is to be done to one ReplicaSet; `replicaSet` is how it should become. */
export interface ReplicaSetChange {
  readonly action: "create" | "update" | "delete";
  readonly replicaSet: ReplicaSet;
  /** For the event that tells people. */
  readonly scaled?: { readonly from: number; readonly to: number };
}

export class Rollout {
  readonly deployment: Deployment;
  readonly nowMs: number;
  /** The set with the present template. */
  newSet: ReplicaSet | undefined;
  /** All others, those without pods too. */
  oldSets: readonly ReplicaSet[];
  /** As they are in the status, and as the steps so far have changed them. */
  conditions: Conditions;
  /** The revision to write on the Deployment. */
  revision: string | undefined;
  readonly #changes = new Map<string, ReplicaSetChange>();

  constructor(
    deployment: Deployment,
    { newSet, oldSets, nowMs }: { newSet: ReplicaSet | undefined; oldSets: readonly ReplicaSet[]; nowMs: number },
  ) {
    this.deployment = deployment;
    this.newSet = newSet;
    this.oldSets = oldSets;
    this.nowMs = nowMs;
    this.conditions = deployment.status?.conditions ?? [];
  }

  get allSets(): readonly ReplicaSet[] {
    return this.newSet ? [...this.oldSets, this.newSet] : this.oldSets;
  }

  get activeSets(): readonly ReplicaSet[] {
    return this.allSets.filter((set) => sizeOf(set) > 0);
  }

  get changes(): readonly ReplicaSetChange[] {
    return [...this.#changes.values()];
  }

  create(set: ReplicaSet): void {
    this.newSet = set;
    const size = sizeOf(set);
    const scaled = size > 0 ? { scaled: { from: 0, to: size } } : {};
    this.#changes.set(keyOf(set), { action: "create", replicaSet: set, ...scaled });
  }

  update(set: ReplicaSet): void {
    const known = this.#changes.get(keyOf(set));
    this.#changes.set(keyOf(set), { action: "update", ...known, replicaSet: set });
    this.#replace(set);
  }

  delete(set: ReplicaSet): void {
    this.#changes.set(keyOf(set), { action: "delete", replicaSet: set });
    this.oldSets = this.oldSets.filter((other) => keyOf(other) !== keyOf(set));
  }

  /** Gives a set this size. Answers whether that is another than it had. `force` mends its annotations in any case. */
  scale(set: ReplicaSet, to: number, force = false): boolean {
    const from = sizeOf(set);
    if (from === to && !force) return false;
    const annotations = annotateReplicas(this.deployment, set.metadata.annotations);
    const areRight = Object.entries(annotations).every(([key, value]) => set.metadata.annotations?.[key] === value);
    if (from === to && areRight) return false;
    this.update({ ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec!, replicas: to } });
    if (from === to) return false;
    const change = this.#changes.get(keyOf(set))!;
    this.#changes.set(keyOf(set), { ...change, scaled: { from: change.scaled?.from ?? from, to } });
    return true;
  }

  #replace(set: ReplicaSet): void {
    if (this.newSet && keyOf(this.newSet) === keyOf(set)) this.newSet = set;
    else this.oldSets = this.oldSets.map((other) => (keyOf(other) === keyOf(set) ? set : other));
  }
}

export function sizeOf(set: ReplicaSet): number {
  return set.spec?.replicas ?? 1;
}

export function sumOf(sets: readonly ReplicaSet[], count: (set: ReplicaSet) => number | undefined): number {
  return sets.reduce((sum, set) => sum + (count(set) ?? 0), 0);
}

/** The new set has all the pods the Deployment wishes for, and knows that these are all. */
export function isSaturated({ deployment, newSet }: Rollout, desired: number | undefined): boolean {
  const wished = replicasOf(deployment);
  return (
    newSet !== undefined &&
    sizeOf(newSet) === wished &&
    desired === wished &&
    (newSet.status?.availableReplicas ?? 0) === wished
  );
}

function keyOf(set: ReplicaSet): string {
  return set.metadata.name ?? "";
}
