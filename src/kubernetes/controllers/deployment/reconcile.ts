// The Deployment controller: carries out one plan after the other until the ReplicaSets are as the Deployment wishes.

import { type Deployment, formatKey, keyOf, type Pod, parseKey, type ReplicaSet, resources } from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import {
  createController,
  done,
  type EventRecorder,
  type ReconcileContext,
  type ReconcileResult,
  referenceTo,
  requeueAfter,
  watch,
  watchOwn,
} from "#kubernetes/runtime";
import { isSameJson } from "../canonical-json.ts";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { claimObjects } from "../ownership/claim-objects.ts";
import { indexByController, orphansIn, ownedBy } from "../ownership/owner-index.ts";
import { controllerOf, controllerReference } from "../ownership/owner-references.ts";
import { compileSelector, matchesLabels } from "../ownership/selectors.ts";
import { resolveController, watchDependents } from "../ownership/watch-dependents.ts";
import { isNamespaceTerminating } from "../pods/pod-control.ts";
import { isPodFinished } from "../pods/pod-state.ts";
import { applyChange, writeDeploymentStatus } from "./apply-change.ts";
import { type DeploymentPlan, planDeployment, rollbackRevision } from "./plan.ts";
import { revisionAnnotation } from "./replica-set-annotations.ts";
import { planRollback } from "./rollback.ts";

const workers = 20;

interface Parts {
  readonly client: Client;
  readonly deployments: Informer<Deployment>;
  readonly replicaSets: Informer<ReplicaSet>;
  readonly pods: Informer<Pod>;
  readonly events: EventRecorder;
}

interface Hands extends Parts, ReconcileContext {
  readonly writes: OwnWrites;
}

export function createDeploymentController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const parts: Parts = {
    client,
    deployments: informers.informer(resources.deployments),
    replicaSets: indexByController(informers.informer(resources.replicaSets)),
    pods: indexByController(informers.informer(resources.pods)),
    events: context.recorder("deployment-controller"),
  };
  const reconcile = async (key: string, reconcileContext: ReconcileContext): Promise<ReconcileResult> => {
    try {
      return await reconcileDeployment(key, parts, reconcileContext);
    } catch (error) {
      if (isNamespaceTerminating(error)) return done;
      throw error;
    }
  };
  return createController({
    ...context,
    name: "deployment",
    workers,
    reconcile,
    watches: [
      watchOwn(parts.deployments),
      watchDependents(parts.replicaSets, ownersOf(parts)),
      // Recreate waits for the last pod to go.
      watch(parts.pods, (queue) => ({
        deleted(pod) {
          const deployment = deploymentOfPod(pod, parts);
          if (deployment?.spec?.strategy?.type === "Recreate") queue.add(formatKey(keyOf(deployment)));
        },
      })),
    ],
  });
}

function ownersOf({ deployments }: Parts) {
  return {
    owners: deployments,
    resource: resources.deployments,
    selectorOf: (deployment: Deployment) => compileSelector(deployment.spec?.selector),
  };
}

function deploymentOfPod(pod: Pod, parts: Parts): Deployment | undefined {
  const { namespace } = pod.metadata;
  const sets = { owners: parts.replicaSets, resource: resources.replicaSets };
  const set = resolveController(sets, namespace, controllerOf(pod));
  return set && resolveController(ownersOf(parts), namespace, controllerOf(set));
}

async function reconcileDeployment(key: string, parts: Parts, context: ReconcileContext): Promise<ReconcileResult> {
  const deployment = parts.deployments.get(parseKey(key));
  const selector = deployment && compileSelector(deployment.spec?.selector);
  if (!deployment || !selector) return done;
  if (selector.isEmpty) return refuseToSelectAll(deployment, parts, context);

  const writes = new OwnWrites();
  const claim = await claimObjects(replicaSetsFor(deployment, parts), {
    client: parts.client,
    owner: deployment,
    ownerResource: resources.deployments,
    reference: controllerReference(resources.deployments, deployment),
    resource: resources.replicaSets,
    matches: (set) => matchesLabels(selector, set),
    signal: context.signal,
  });
  if (claim.written) {
    writes.noteVersion(parts.replicaSets, claim.written);
    await writes.seen(context.signal);
  }
  const sets = ownedBy(parts.replicaSets, deployment.metadata.uid).filter((set) => matchesLabels(selector, set));
  const hands: Hands = { ...parts, ...context, writes };
  const revision = rollbackRevision(deployment);
  const isRollback = revision !== undefined && !deployment.spec?.paused && !deployment.metadata.deletionTimestamp;
  const result = isRollback
    ? await rollBack(deployment, sets, { ...hands, revision })
    : await carryOut(deployment, sets, hands);
  await writes.seen(context.signal);
  return result;
}

function replicaSetsFor({ metadata: { uid, namespace } }: Deployment, { replicaSets }: Parts): ReplicaSet[] {
  return [...ownedBy(replicaSets, uid), ...orphansIn(replicaSets, namespace)];
}

async function refuseToSelectAll(
  deployment: Deployment,
  { client, events }: Parts,
  { signal }: ReconcileContext,
): Promise<ReconcileResult> {
  const message = "This deployment is selecting all pods. A non-empty selector is required.";
  events.warning(referenceTo(resources.deployments, deployment), "SelectingAll", message);
  const { generation = 0 } = deployment.metadata;
  if ((deployment.status?.observedGeneration ?? 0) < generation) {
    const status = { ...deployment.status, observedGeneration: generation };
    await client.update(resources.deployments, { ...deployment, status }, { subresource: "status", signal });
  }
  return done;
}

async function rollBack(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  { client, deployments, events, writes, signal, revision }: Hands & { readonly revision: bigint },
): Promise<ReconcileResult> {
  const plan = planRollback(deployment, sets, revision);
  const { type, reason, message } = plan.event;
  const regarding = referenceTo(resources.deployments, deployment);
  if (type === "Warning") events.warning(regarding, reason, message);
  writes.note(deployments, await client.update(resources.deployments, plan.deployment, { signal }));
  if (type === "Normal") events.normal(regarding, reason, message);
  return done;
}

async function carryOut(deployment: Deployment, sets: readonly ReplicaSet[], hands: Hands): Promise<ReconcileResult> {
  const hasOtherPods = (newSet: ReplicaSet | undefined) =>
    sets.some((set) => set !== newSet && ownedBy(hands.pods, set.metadata.uid).some((pod) => !isPodFinished(pod)));
  const plan = planDeployment({ deployment, replicaSets: sets, hasOtherPods, nowMs: hands.clock.now() });
  for (const change of plan.changes) await applyChange(change, deployment, hands);
  await writeOutcome(deployment, plan, hands);
  return plan.lookAgainMs === undefined ? done : requeueAfter(plan.lookAgainMs);
}

/** The revision is written along with the status, whose subresource lets annotations pass. */
async function writeOutcome(deployment: Deployment, plan: DeploymentPlan, hands: Hands): Promise<void> {
  const { status, revision } = plan;
  const { metadata } = deployment;
  const hasRevision = revision === undefined || revision === metadata.annotations?.[revisionAnnotation];
  if (hasRevision && isSameJson(deployment.status, status)) return;
  const annotations = { ...metadata.annotations, ...(revision !== undefined && { [revisionAnnotation]: revision }) };
  await writeDeploymentStatus({ ...deployment, metadata: { ...metadata, annotations }, status }, hands);
}
