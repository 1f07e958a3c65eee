// Carries out one change of a Deployment's ReplicaSets, and tells people of it.

import { type Deployment, isAlreadyExists, isNotFound, keyOf, type ReplicaSet, resources } from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import { type EventRecorder, formatTime, type ReconcileContext, referenceTo } from "#kubernetes/runtime";
import type { OwnWrites } from "../own-writes.ts";
import { isControlledBy } from "../ownership/owner-references.ts";
import { isNamespaceTerminating } from "../pods/pod-control.ts";
import { setCondition } from "./conditions.ts";
import { progressDeadlineMs } from "./limits.ts";
import type { ReplicaSetChange } from "./rollout.ts";
import { isSameTemplate } from "./templates.ts";

export interface ChangeHands extends Pick<ReconcileContext, "clock" | "signal"> {
  readonly client: Client;
  readonly deployments: Informer<Deployment>;
  readonly replicaSets: Informer<ReplicaSet>;
  readonly events: EventRecorder;
  readonly writes: OwnWrites;
}

/** Throws what the server says; what people should know of it is on the Deployment then. */
export async function applyChange(change: ReplicaSetChange, deployment: Deployment, hands: ChangeHands): Promise<void> {
  const { client, replicaSets, writes, signal } = hands;
  const { action, replicaSet } = change;
  if (action === "create") {
    if (await createReplicaSet(replicaSet, deployment, hands)) tellOfScaling(change, deployment, hands);
  } else if (action === "update") {
    writes.note(replicaSets, await client.update(resources.replicaSets, replicaSet, { signal }));
    tellOfScaling(change, deployment, hands);
  } else {
    await deleteReplicaSet(replicaSet, hands);
  }
}

export async function writeDeploymentStatus(deployment: Deployment, hands: ChangeHands): Promise<void> {
  const { client, deployments, writes, signal } = hands;
  const options = { subresource: "status", signal };
  writes.note(deployments, await client.update(resources.deployments, deployment, options));
}

function tellOfScaling(
  { replicaSet, scaled }: ReplicaSetChange,
  deployment: Deployment,
  { events }: ChangeHands,
): void {
  if (!scaled) return;
  const direction = scaled.from < scaled.to ? "up" : "down";
  const message = `Scaled ${direction} replica set ${replicaSet.metadata.name} from ${scaled.from} to ${scaled.to}`;
  events.normal(referenceTo(resources.deployments, deployment), "ScalingReplicaSet", message);
}

async function deleteReplicaSet(replicaSet: ReplicaSet, { client, signal }: ChangeHands): Promise<void> {
  const { uid = "" } = replicaSet.metadata;
  try {
    await client.delete(resources.replicaSets, keyOf(replicaSet), { preconditions: { uid }, signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Answers false where it was there already, as wished: an earlier try was not seen to succeed. */
async function createReplicaSet(wished: ReplicaSet, deployment: Deployment, hands: ChangeHands): Promise<boolean> {
  const { client, replicaSets, writes, signal } = hands;
  try {
    // Template and selector are shared with the Deployment; what is sent is the server's to change.
    const created = await client.create(resources.replicaSets, structuredClone(wished), { signal });
    writes.note(replicaSets, created);
    return true;
  } catch (error) {
    if (isAlreadyExists(error)) {
      const present = await client.get(resources.replicaSets, keyOf(wished), { signal });
      const isOurs = isControlledBy(present, deployment);
      if (isOurs && isSameTemplate(present.spec?.template, deployment.spec?.template)) return false;
      await countCollision(deployment, hands);
    } else if (!isNamespaceTerminating(error)) {
      await tellOfFailure(wished, deployment, { ...hands, error: error as Error });
    }
    throw error;
  }
}

/** Another object has the name the template's hash makes: the next hash will be another. */
async function countCollision(deployment: Deployment, hands: ChangeHands): Promise<void> {
  const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
  await writeDeploymentStatus({ ...deployment, status: { ...deployment.status, collisionCount } }, hands);
}

async function tellOfFailure(wished: ReplicaSet, deployment: Deployment, hands: ChangeHands & { error: Error }) {
  const reason = "ReplicaSetCreateError";
  const message = `Failed to create new replica set "${wished.metadata.name}": ${hands.error.message}`;
  hands.events.warning(referenceTo(resources.deployments, deployment), reason, message);
  if (progressDeadlineMs(deployment) === undefined) return;
  const condition = { type: "Progressing", status: "False", reason, message } as const;
  const old = deployment.status?.conditions ?? [];
  const conditions = setCondition(old, condition, formatTime(hands.clock.now()));
  if (conditions === old) return;
  const status = { ...deployment.status, conditions: [...conditions] };
  // The failure itself is the greater concern: it is thrown in any case.
  await writeDeploymentStatus({ ...deployment, status }, hands).catch(() => {});
}
