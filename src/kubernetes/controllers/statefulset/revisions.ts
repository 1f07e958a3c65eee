// The revisions of a StatefulSet: the one its pods are being brought to, and the one they come from.

import {
  type ControllerRevision,
  isAlreadyExists,
  isConflict,
  isNotFound,
  keyOf,
  type Pod,
  resources,
  type StatefulSet,
} from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import type { OwnWrites } from "../own-writes.ts";
import { controllerReference } from "../ownership/owner-references.ts";
import { compareRevisions, isSameData, maxRevisionOf, revisionData } from "../revisions/revision-data.ts";
import { computeHash } from "../template-hash.ts";
import { revisionOf } from "./stateful-pods.ts";

const hashLabel = "controller.kubernetes.io/hash";
const longestPrefix = 223;

export interface RevisionHands {
  readonly client: Client;
  readonly revisions: Informer<ControllerRevision>;
  readonly writes: OwnWrites;
  readonly signal: AbortSignal;
}

export interface SetRevisions {
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
  readonly collisionCount: number;
}

/** Finds or makes the revision of the present template among those the set owns. */
export async function findRevisions(
  set: StatefulSet,
  owned: readonly ControllerRevision[],
  hands: RevisionHands,
): Promise<SetRevisions> {
  const sorted = owned.toSorted(compareRevisions);
  const data = revisionData(set.spec!.template);
  const newest = sorted.at(-1);
  const equal = sorted.findLast((revision) => isSameData(revision.data, data));
  const collisions = set.status?.collisionCount ?? 0;
  const { update, collisionCount } =
    equal === undefined
      ? await createRevision(set, { revision: maxRevisionOf(sorted) + 1, collisions }, hands)
      : { update: await makeNewest(equal, newest!, hands), collisionCount: collisions };
  const current = sorted.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
  return { current, update, collisionCount };
}

/** Deletes the oldest revisions that neither the set nor a pod refers to, beyond the limit. */
export async function truncateHistory(
  set: StatefulSet,
  { owned, pods, live }: { owned: readonly ControllerRevision[]; pods: readonly Pod[]; live: readonly string[] },
  { client, signal }: RevisionHands,
): Promise<void> {
  const limit = set.spec?.revisionHistoryLimit ?? 10;
  const used = new Set([...live, ...pods.map(revisionOf)]);
  const historic = owned.filter(({ metadata }) => !used.has(metadata.name ?? "")).sort(compareRevisions);
  if (limit < 0 || historic.length <= limit) return;
  for (const revision of historic.slice(0, historic.length - limit)) {
    try {
      await client.delete(resources.controllerRevisions, keyOf(revision), { signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** Going back to an earlier template makes its revision the newest again. */
async function makeNewest(
  equal: ControllerRevision,
  newest: ControllerRevision,
  { client, revisions, writes, signal }: RevisionHands,
): Promise<ControllerRevision> {
  if (equal === newest || isSameData(equal.data, newest.data)) return newest;
  const revision = newest.revision + 1;
  for (let latest = equal; ; ) {
    try {
      const renumbered = { ...latest, revision };
      return writes.note(revisions, await client.update(resources.controllerRevisions, renumbered, { signal }));
    } catch (error) {
      if (!isConflict(error)) throw error;
      latest = await client.get(resources.controllerRevisions, keyOf(equal), { signal });
    }
  }
}

async function createRevision(
  set: StatefulSet,
  { revision, collisions }: { readonly revision: number; readonly collisions: number },
  { client, revisions, writes, signal }: RevisionHands,
): Promise<{ update: ControllerRevision; collisionCount: number }> {
  const { template } = set.spec!;
  const { namespace = "", name = "", annotations } = set.metadata;
  for (let collisionCount = collisions; ; collisionCount++) {
    const hash = computeHash(revisionData(template), collisionCount);
    const wished: ControllerRevision = {
      metadata: {
        name: `${name.slice(0, longestPrefix)}-${hash}`,
        namespace,
        labels: { ...template.metadata?.labels, [hashLabel]: hash },
        ...(annotations && { annotations: { ...annotations } }),
        ownerReferences: [controllerReference(resources.statefulSets, set)],
      },
      data: structuredClone(revisionData(template)),
      revision,
    };
    const key = keyOf(wished);
    try {
      const created = await client.create(resources.controllerRevisions, wished, { signal });
      return { update: writes.note(revisions, created), collisionCount };
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    const present = await client.get(resources.controllerRevisions, key, { signal });
    if (isSameData(present.data, revisionData(template))) return { update: present, collisionCount };
  }
}
