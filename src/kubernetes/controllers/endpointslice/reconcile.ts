// The EndpointSlice controller: keeps the slices of every service with a selector as its pods are.

import { type EndpointSlice, keyOf, type Node, type Pod, parseKey, resources, type Service } from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import {
  createController,
  done,
  type EventRecorder,
  type ReconcileContext,
  type ReconcileResult,
  referenceTo,
  requeueAfter,
  type Watch,
  watch,
  watchOwn,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { inBatches } from "../pods/batches.ts";
import { indexByNode, podsOnNode } from "../pods/node-index.ts";
import { isNamespaceTerminating } from "../pods/pod-control.ts";
import { hasManagedEndpoints, podsOfService, servicesOfPod } from "../service-endpoints/service-pods.ts";
import { annotateTrigger, TriggerTimes } from "../service-endpoints/trigger-times.ts";
import { watchServicePods } from "../service-endpoints/watch-service-pods.ts";
import type { SliceChanges } from "./fill.ts";
import { planSlices } from "./plan.ts";
import { indexByService, serviceKeys, slicesOfService } from "./slice-index.ts";
import { managedByLabel, managerName } from "./slice-template.ts";

interface Parts {
  readonly client: Client;
  readonly services: Informer<Service>;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly slices: Informer<EndpointSlice>;
  readonly events: EventRecorder;
  readonly triggers: TriggerTimes;
  /** The keys being reconciled: what happens to their slices meanwhile is looked at when that ends. */
  readonly busy: Set<string>;
}

/** Somebody else's changes of slices are gathered for so long before they are put right. */
const foreignChangeMs = 1000;
/** So much longer a service gathers changes of its pods for every slice beyond the first. */
const gatherMsPerSlice = 5;
const longestGatherMs = 250;

export function createEndpointSliceController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const parts: Parts = {
    client,
    services: informers.informer(resources.services),
    pods: indexByNode(informers.informer(resources.pods)),
    nodes: informers.informer(resources.nodes),
    slices: indexByService(informers.informer(resources.endpointSlices)),
    events: context.recorder("endpoint-slice-controller"),
    triggers: new TriggerTimes(),
    busy: new Set(),
  };
  return createController({
    ...context,
    name: "endpoint_slice",
    reconcile: (key, reconcileContext) => reconcileService(key, parts, reconcileContext),
    watches: [
      watchOwn(parts.services),
      watchServicePods(parts.pods, parts.services, (service) => gatherMs(parts, service)),
      watchNodes(parts),
      watchSlices(parts),
    ],
  });
}

/** A service of thousands of pods is not looked through for every single one that becomes ready. */
function gatherMs({ slices }: Parts, { metadata }: Service): number {
  const count = slicesOfService(slices, `${metadata.namespace}/${metadata.name}`).length;
  return count > 1 ? Math.min(count * gatherMsPerSlice, longestGatherMs) : 0;
}

/** Endpoints say which zone they are in. */
function watchNodes({ nodes, pods, services }: Parts): Watch {
  const zoneOf = ({ metadata }: Node) => metadata.labels?.["topology.kubernetes.io/zone"];
  return watch(nodes, (queue) => {
    const addServices = ({ metadata }: Node) => {
      for (const pod of podsOnNode(pods, metadata.name)) {
        for (const { metadata: service } of servicesOfPod(services, pod)) {
          queue.add(`${service.namespace}/${service.name}`);
        }
      }
    };
    return {
      added: (node, isInitialList) => isInitialList || addServices(node),
      updated: (node, old) => zoneOf(node) === zoneOf(old) || addServices(node),
    };
  });
}

function watchSlices({ slices, busy }: Parts): Watch {
  return watch(slices, (queue) => {
    const add = (slice: EndpointSlice) => {
      if (!isManaged(slice)) return;
      for (const key of serviceKeys(slice)) if (!busy.has(key)) queue.addAfter(key, foreignChangeMs);
    };
    return {
      added: add,
      updated(slice, old) {
        add(old);
        add(slice);
      },
      deleted: add,
    };
  });
}

function isManaged({ metadata }: EndpointSlice): boolean {
  return metadata.labels?.[managedByLabel] === managerName;
}

async function reconcileService(key: string, parts: Parts, context: ReconcileContext): Promise<ReconcileResult> {
  parts.busy.add(key);
  try {
    const expected = await syncService(key, parts, context);
    const isAsExpected = expected.symmetricDifference(versionsOf(ownSlices(key, parts))).size === 0;
    return isAsExpected ? done : requeueAfter(foreignChangeMs);
  } finally {
    parts.busy.delete(key);
  }
}

/** Those on their way out do not count. */
function ownSlices(key: string, { slices }: Parts): EndpointSlice[] {
  return slicesOfService(slices, key).filter((slice) => isManaged(slice) && !slice.metadata.deletionTimestamp);
}

function versionsOf(slices: readonly EndpointSlice[]): Set<string | undefined> {
  return new Set(slices.map(({ metadata }) => metadata.resourceVersion));
}

/** Answers the versions of the slices as this left them. */
async function syncService(key: string, parts: Parts, { signal }: ReconcileContext): Promise<Set<string | undefined>> {
  const { services, nodes, pods, triggers, events } = parts;
  const present = ownSlices(key, parts);
  const versions = versionsOf(present);
  const service = services.get(parseKey(key));
  if (!service) triggers.forget(key);
  if (!service || !hasManagedEndpoints(service)) return versions;
  const members = podsOfService(pods, service);
  const trigger = triggers.next(key, service, members);
  const plan = planSlices(service, { pods: members, slices: present, nodeOf: (name) => nodes.get({ name }) });
  const writes = new OwnWrites();
  try {
    await carryOut(service, plan, { ...parts, trigger, versions, writes, signal });
    if (plan.onMissingNodes.length > 0) throw missingNodes(key, plan.onMissingNodes);
  } catch (error) {
    const message = `Error updating Endpoint Slices for Service ${key}: ${(error as Error).message}`;
    events.warning(referenceTo(resources.services, service), "FailedToUpdateEndpointSlices", message);
    throw error;
  } finally {
    await writes.seen(signal);
  }
  return versions;
}

function missingNodes(key: string, pods: readonly Pod[]): Error {
  const lines = pods.map(
    ({ metadata, spec }) => `skipping Pod ${metadata.name} for Service ${key}: Node ${spec?.nodeName ?? ""} Not Found`,
  );
  return new Error(lines.length === 1 ? lines[0] : `[${lines.join(", ")}]`);
}

interface Hands extends Parts {
  readonly trigger: string | undefined;
  readonly versions: Set<string | undefined>;
  readonly writes: OwnWrites;
  readonly signal: AbortSignal;
}

async function carryOut(service: Service, plan: SliceChanges, hands: Hands): Promise<void> {
  const { client, slices, trigger, versions, writes, signal } = hands;
  const annotated = (slice: EndpointSlice): EndpointSlice => ({
    ...slice,
    metadata: { ...slice.metadata, annotations: annotateTrigger(slice.metadata.annotations, trigger) },
  });
  const became = (slice: EndpointSlice | undefined, old?: EndpointSlice) => {
    if (old) versions.delete(old.metadata.resourceVersion);
    if (slice) versions.add(writes.note(slices, slice).metadata.resourceVersion);
  };
  // The garbage collector removes the slices of a service that goes; new ones would only be in its way.
  const create = service.metadata.deletionTimestamp ? [] : plan.create;
  try {
    await inBatches(create, async (slice) => {
      became(await client.create(resources.endpointSlices, annotated(slice), { signal }));
    });
  } catch (error) {
    if (isNamespaceTerminating(error)) return;
    const { name, namespace } = service.metadata;
    throw new Error(`failed to create EndpointSlice for Service ${namespace}/${name}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  await inBatches(plan.update, async (slice) => {
    became(await client.update(resources.endpointSlices, annotated(slice), { signal }), slice);
  });
  await inBatches(plan.remove, async (slice) => {
    writes.note(slices, await client.delete(resources.endpointSlices, keyOf(slice), { signal }));
    versions.delete(slice.metadata.resourceVersion);
  });
}
