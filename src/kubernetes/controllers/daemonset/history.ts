// The revisions of a DaemonSet: one ControllerRevision per template it has had, the present one numbered highest.

import {
  type ControllerRevision,
  type DaemonSet,
  isAlreadyExists,
  isNotFound,
  keyOf,
  type Pod,
  resources,
} from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import type { OwnWrites } from "../own-writes.ts";
import { controllerReference } from "../ownership/owner-references.ts";
import { compareRevisions, isSameData, maxRevisionOf, revisionData } from "../revisions/revision-data.ts";
import { computeHash } from "../template-hash.ts";
import { hashLabel } from "./daemon-pods.ts";

export interface HistoryHands {
  readonly client: Client;
  readonly daemonSets: Informer<DaemonSet>;
  readonly revisions: Informer<ControllerRevision>;
  readonly writes: OwnWrites;
  readonly signal: AbortSignal;
}

export interface History {
  /** The hash of the present template. */
  readonly hash: string;
  readonly old: readonly ControllerRevision[];
}

/** Finds or makes the present revision among those the set owns. `pods` are all of the set's. */
export async function constructHistory(
  daemonSet: DaemonSet,
  { owned, pods }: { readonly owned: readonly ControllerRevision[]; readonly pods: readonly Pod[] },
  hands: HistoryHands,
): Promise<History> {
  const labelled = await Promise.all(owned.map((revision) => addHashLabel(revision, hands)));
  const data = revisionData(daemonSet.spec!.template);
  const current = labelled.filter((revision) => isSameData(revision.data, data));
  const old = labelled.filter((revision) => !current.includes(revision));
  const number = maxRevisionOf(old) + 1;
  if (current.length === 0) {
    const created = await createRevision(daemonSet, number, hands);
    return { hash: hashOf(created), old };
  }
  const kept = await removeDuplicates(current, pods, hands);
  if (kept.revision < number) {
    const { client, revisions, writes, signal } = hands;
    const renumbered = { ...kept, revision: number };
    writes.note(revisions, await client.update(resources.controllerRevisions, renumbered, { signal }));
  }
  return { hash: hashOf(kept), old };
}

/** Deletes the oldest revisions beyond the limit, but none that a pod still has. */
export async function cleanUpHistory(
  daemonSet: DaemonSet,
  { old, pods }: { readonly old: readonly ControllerRevision[]; readonly pods: readonly Pod[] },
  hands: HistoryHands,
): Promise<void> {
  let excess = old.length - (daemonSet.spec?.revisionHistoryLimit ?? 10);
  if (excess <= 0) return;
  const live = new Set(pods.map(({ metadata }) => metadata.labels?.[hashLabel]));
  for (const revision of old.toSorted(compareRevisions)) {
    if (excess <= 0) return;
    if (live.has(hashOf(revision))) continue;
    await deleteRevision(revision, hands);
    excess--;
  }
}

function hashOf(revision: ControllerRevision): string {
  return revision.metadata.labels?.[hashLabel] ?? "";
}

/** Revisions of old were made without. */
async function addHashLabel(revision: ControllerRevision, hands: HistoryHands): Promise<ControllerRevision> {
  if (revision.metadata.labels?.[hashLabel] !== undefined) return revision;
  const { client, revisions, writes, signal } = hands;
  const labels = { ...revision.metadata.labels, [hashLabel]: revision.metadata.name ?? "" };
  const labelled = { ...revision, metadata: { ...revision.metadata, labels } };
  return writes.note(revisions, await client.update(resources.controllerRevisions, labelled, { signal }));
}

async function createRevision(
  daemonSet: DaemonSet,
  revision: number,
  hands: HistoryHands,
): Promise<ControllerRevision> {
  const { client, revisions, writes, signal } = hands;
  const { template } = daemonSet.spec!;
  const hash = computeHash(template, daemonSet.status?.collisionCount);
  const { namespace = "", annotations } = daemonSet.metadata;
  const name = `${daemonSet.metadata.name}-${hash}`;
  const wished: ControllerRevision = {
    metadata: {
      name,
      namespace,
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      ...(annotations && { annotations: { ...annotations } }),
      ownerReferences: [controllerReference(resources.daemonSets, daemonSet)],
    },
    data: structuredClone(revisionData(template)),
    revision,
  };
  try {
    return writes.note(revisions, await client.create(resources.controllerRevisions, wished, { signal }));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const present = await client.get(resources.controllerRevisions, { namespace, name }, { signal });
    if (isSameData(present.data, revisionData(template))) return present;
    await countCollision(daemonSet, hands);
    throw error;
  }
}

/** Another template has the same hash: the next hash will be another. */
async function countCollision(daemonSet: DaemonSet, { client, daemonSets, writes, signal }: HistoryHands) {
  const latest = await client.get(resources.daemonSets, keyOf(daemonSet), { signal });
  const { collisionCount } = daemonSet.status ?? {};
  if (latest.status?.collisionCount !== collisionCount) {
    const counts = `(${collisionCount ?? 0}, expected ${latest.status?.collisionCount ?? 0})`;
    const subject = `DaemonSet "${daemonSet.metadata.name}"`;
    throw new Error(
      `found a stale collision count ${counts} of ${subject} while processing; will retry until it is updated`,
    );
  }
  const status = { ...latest.status!, collisionCount: (collisionCount ?? 0) + 1 };
  const options = { subresource: "status", signal };
  writes.note(daemonSets, await client.update(resources.daemonSets, { ...latest, status }, options));
}

/** Keeps the newest of several revisions with the present template; pods of the others are counted as its own. */
async function removeDuplicates(
  current: readonly ControllerRevision[],
  pods: readonly Pod[],
  hands: HistoryHands,
): Promise<ControllerRevision> {
  const kept = current.toSorted((a, b) => a.revision - b.revision).at(-1)!;
  if (current.length === 1) return kept;
  const { client, signal } = hands;
  const hash = hashOf(kept);
  const body = { metadata: { labels: { [hashLabel]: hash } } };
  for (const pod of pods) {
    if (pod.metadata.labels?.[hashLabel] === hash) continue;
    await client.patch(resources.pods, keyOf(pod), { type: "merge", body }, { signal });
  }
  for (const revision of current) if (revision !== kept) await deleteRevision(revision, hands);
  return kept;
}

async function deleteRevision(revision: ControllerRevision, { client, signal }: HistoryHands): Promise<void> {
  try {
    await client.delete(resources.controllerRevisions, keyOf(revision), { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
