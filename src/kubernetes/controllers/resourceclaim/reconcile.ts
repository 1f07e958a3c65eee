// Makes pods' claims for devices from templates, notes who uses a claim, and takes the allocation back when nobody does.

import {
  type ResourceV1ResourceClaim as DeviceClaim,
  formatApiVersion,
  formatKey,
  isNotFound,
  keyOf,
  type Pod,
  type PodResourceClaim,
  parseKey,
  type ResourceClaimConsumerReference,
  type ResourceClaimTemplate,
  resources,
} from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import {
  createController,
  done,
  type EventRecorder,
  type KeyQueue,
  type ReconcileContext,
  type ReconcileResult,
  referenceTo,
  type Watch,
  watch,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import {
  claimAnnotation,
  claimFromTemplate,
  claimNameOf,
  entriesToFill,
  finalizer,
  isPodOver,
  ownerPodOf,
  planClaim,
  reservedForPod,
} from "./plan.ts";

interface Parts {
  readonly client: Client;
  readonly pods: Informer<Pod>;
  readonly claims: Informer<DeviceClaim>;
  readonly templates: Informer<ResourceClaimTemplate>;
  readonly events: EventRecorder;
}

interface Hands extends Parts {
  readonly writes: OwnWrites;
  readonly signal: AbortSignal;
}

const podPrefix = "pod:";
const claimPrefix = "claim:";
const templateIndex = "resourceClaimTemplate";
const claimIndex = "resourceClaim";
const ownerIndex = "pod";
const fieldManager = "ResourceClaimController";

export function createResourceClaimController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const parts: Parts = {
    client,
    pods: informers.informer(resources.pods),
    claims: informers.informer(resources.resourceClaims),
    templates: informers.informer(resources.resourceClaimTemplates),
    events: context.recorder("resource_claim"),
  };
  const { pods, claims, templates } = parts;
  pods.addIndex(templateIndex, (pod) => namesOf(pod, ({ resourceClaimTemplateName }) => resourceClaimTemplateName));
  pods.addIndex(claimIndex, claimKeysOf);
  claims.addIndex(ownerIndex, (claim) => [ownerPodOf(claim)?.uid ?? ""]);
  return createController({
    ...context,
    name: "resource_claim",
    reconcile: (key, reconcileContext) => reconcileKey(key, parts, reconcileContext),
    watches: [
      watchPods(parts),
      watchClaims(parts),
      watch(templates, (queue) => ({
        added(template) {
          for (const pod of pods.byIndex(templateIndex, formatKey(keyOf(template)))) addPod(pod, queue);
        },
      })),
    ],
  });
}

function namesOf(pod: Pod, nameOf: (entry: PodResourceClaim) => string | undefined): string[] {
  const { namespace } = pod.metadata;
  return (pod.spec?.resourceClaims ?? []).flatMap((entry) => {
    const name = nameOf(entry);
    return name === undefined ? [] : [formatKey({ namespace, name })];
  });
}

function claimKeysOf(pod: Pod): string[] {
  return namesOf(pod, (entry) => {
    const found = claimNameOf(pod, entry);
    return found.kind === "named" ? found.name : undefined;
  });
}

function addPod(pod: Pod, queue: KeyQueue): void {
  queue.add(podPrefix + formatKey(keyOf(pod)));
}

function watchPods({ pods, claims }: Parts): Watch {
  return watch(pods, (queue) => {
    const addClaims = (pod: Pod) => {
      for (const key of claimKeysOf(pod)) queue.add(claimPrefix + key);
      for (const claim of claims.byIndex(ownerIndex, pod.metadata.uid ?? "none")) {
        queue.add(claimPrefix + formatKey(keyOf(claim)));
      }
    };
    const look = (pod: Pod) => {
      if (!pod.spec?.resourceClaims?.length) return;
      if (isPodOver(pod)) addClaims(pod);
      else addPod(pod, queue);
    };
    return {
      added: look,
      updated: look,
      deleted(pod) {
        if (pod.spec?.resourceClaims?.length) addClaims(pod);
      },
    };
  });
}

function watchClaims({ pods, claims }: Parts): Watch {
  return watch(claims, (queue) => {
    const look = (claim: DeviceClaim) => queue.add(claimPrefix + formatKey(keyOf(claim)));
    return {
      added: look,
      updated: look,
      deleted(claim) {
        // A pod may need it still.
        for (const pod of pods.byIndex(claimIndex, formatKey(keyOf(claim)))) addPod(pod, queue);
      },
    };
  });
}

async function reconcileKey(key: string, parts: Parts, { signal }: ReconcileContext): Promise<ReconcileResult> {
  const hands: Hands = { ...parts, writes: new OwnWrites(), signal };
  try {
    if (key.startsWith(podPrefix)) await reconcilePod(key.slice(podPrefix.length), hands);
    else await reconcileClaim(key.slice(claimPrefix.length), hands);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  } finally {
    await hands.writes.seen(signal);
  }
  return done;
}

async function reconcilePod(key: string, hands: Hands): Promise<void> {
  const pod = hands.pods.get(parseKey(key));
  if (!pod || pod.metadata.deletionTimestamp !== undefined || isPodOver(pod)) return;
  const { namespace } = pod.metadata;
  const claimOf = (name: string) => hands.claims.get({ namespace, name });
  const filled = new Map<string, string>();
  for (const entry of entriesToFill(pod, claimOf)) filled.set(entry.name, await fill(pod, entry, hands));
  if (filled.size > 0) await noteClaims(pod, filled, hands);
  // Until it has a node, the scheduler reserves.
  if (!pod.spec?.nodeName) return;
  for (const claimKey of claimKeysOf(pod)) {
    const claim = hands.claims.get(parseKey(claimKey));
    const reserved = claim && reservedForPod(claim, pod);
    if (reserved) await writeClaimStatus(reserved, hands);
  }
}

/** Answers the name of the claim: one that was made before and not noted, or a new one. */
async function fill(pod: Pod, entry: PodResourceClaim, hands: Hands): Promise<string> {
  const { client, claims, templates, events, writes, signal } = hands;
  const { namespace } = pod.metadata;
  try {
    const present = claims
      .byIndex(ownerIndex, pod.metadata.uid ?? "none")
      .find(({ metadata }) => metadata.annotations?.[claimAnnotation] === entry.name);
    if (present) return present.metadata.name ?? "";
    const name = entry.resourceClaimTemplateName ?? "";
    const template = templates.get({ namespace, name });
    if (!template) {
      const missing = `resourceclaimtemplate.resource.k8s.io ${JSON.stringify(name)} not found`;
      throw new Error(`resource claim template ${JSON.stringify(name)}: ${missing}`);
    }
    const made = await client.create(resources.resourceClaims, claimFromTemplate(pod, entry, template), { signal });
    return writes.note(claims, made).metadata.name ?? "";
  } catch (error) {
    const message = `PodResourceClaim ${entry.name}: ${(error as Error).message}`;
    events.warning(referenceTo(resources.pods, pod), "FailedResourceClaimCreation", message);
    throw error;
  }
}

async function noteClaims(pod: Pod, filled: ReadonlyMap<string, string>, hands: Hands): Promise<void> {
  const { client, pods, writes, signal } = hands;
  const { namespace, name } = pod.metadata;
  const others = (pod.status?.resourceClaimStatuses ?? []).filter((status) => !filled.has(status.name));
  const made = [...filled].map(([entry, resourceClaimName]) => ({ name: entry, resourceClaimName }));
  const body = {
    apiVersion: formatApiVersion(resources.pods),
    kind: resources.pods.kind,
    metadata: { namespace, name },
    status: { resourceClaimStatuses: [...others, ...made] },
  };
  const patch = { type: "apply", body, force: true } as const;
  writes.note(
    pods,
    await client.patch(resources.pods, keyOf(pod), patch, { subresource: "status", fieldManager, signal }),
  );
}

async function reconcileClaim(key: string, hands: Hands): Promise<void> {
  const { client, claims, pods, writes, signal } = hands;
  const claim = claims.get(parseKey(key));
  if (!claim) return;
  const { namespace } = claim.metadata;
  const remaining = await remainingConsumers(claim, hands);
  const made = ownerPodOf(claim);
  const plan = planClaim(claim, remaining, made && pods.get({ namespace, name: made.name }));
  const written = plan.status ? await writeClaimStatus(plan.status, hands) : claim;
  if (plan.dropsFinalizer) {
    const finalizers = (written.metadata.finalizers ?? []).filter((name) => name !== finalizer);
    const freed = { ...written, metadata: { ...written.metadata, finalizers } };
    writes.note(claims, await client.update(resources.resourceClaims, freed, { signal }));
  }
  if (!plan.isUseless || claim.metadata.deletionTimestamp !== undefined) return;
  const preconditions = { uid: claim.metadata.uid ?? "" };
  writes.note(claims, await client.delete(resources.resourceClaims, keyOf(claim), { preconditions, signal }));
}

/** Pods that are not over; whatever else uses claims is left alone. */
async function remainingConsumers(claim: DeviceClaim, hands: Hands): Promise<ResourceClaimConsumerReference[]> {
  const remaining: ResourceClaimConsumerReference[] = [];
  for (const consumer of claim.status?.reservedFor ?? []) {
    const isPod = (consumer.apiGroup ?? "") === "" && consumer.resource === "pods";
    if (!isPod || (await isUsing(consumer, claim, hands))) remaining.push(consumer);
  }
  return remaining;
}

/** The copy may be behind: the scheduler reserves for pods that have just come. */
async function isUsing(consumer: ResourceClaimConsumerReference, claim: DeviceClaim, hands: Hands): Promise<boolean> {
  const key = { namespace: claim.metadata.namespace ?? "", name: consumer.name };
  const known = hands.pods.get(key);
  if (known) return known.metadata.uid === consumer.uid && !isPodOver(known);
  try {
    const fresh = await hands.client.get(resources.pods, key, { signal: hands.signal });
    return fresh.metadata.uid === consumer.uid;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return false;
  }
}

async function writeClaimStatus(claim: DeviceClaim, { client, claims, writes, signal }: Hands): Promise<DeviceClaim> {
  const options = { subresource: "status", signal };
  return writes.note(claims, await client.update(resources.resourceClaims, claim, options));
}
