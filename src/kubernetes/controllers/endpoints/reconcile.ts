// The Endpoints controller: keeps the older form of a service's endpoints for those who still read it.

import {
  type Endpoints,
  isNotFound,
  type KubeObject,
  type Pod,
  parseKey,
  resources,
  type Service,
} from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import {
  createController,
  done,
  type EventRecorder,
  type ReconcileContext,
  type ReconcileResult,
  referenceTo,
  type Watch,
  watch,
  watchOwn,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { isNamespaceTerminating } from "../pods/pod-control.ts";
import { hasManagedEndpoints, podsOfService } from "../service-endpoints/service-pods.ts";
import { TriggerTimes } from "../service-endpoints/trigger-times.ts";
import { watchServicePods } from "../service-endpoints/watch-service-pods.ts";
import { planEndpoints } from "./plan.ts";

interface Parts {
  readonly client: Client;
  readonly services: Informer<Service>;
  readonly pods: Informer<Pod>;
  readonly endpoints: Informer<Endpoints>;
  readonly events: EventRecorder;
  readonly triggers: TriggerTimes;
}

/** Large services gather changes of their pods, longer the larger they are. */
const gatherMsPerAddress = 0.1;
const longestGatherMs = 250;
const gatheringFrom = 100;

export function createEndpointsController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const parts: Parts = {
    client,
    services: informers.informer(resources.services),
    pods: informers.informer(resources.pods),
    endpoints: informers.informer(resources.endpoints),
    events: context.recorder("endpoint-controller"),
    triggers: new TriggerTimes(),
  };
  return createController({
    ...context,
    name: "endpoint",
    reconcile: (key, reconcileContext) => reconcileService(key, parts, reconcileContext),
    watches: [
      watchOwn(parts.services),
      watchServicePods(parts.pods, parts.services, (service) => gatherMs(parts, service)),
      watchEndpoints(parts.endpoints),
    ],
  });
}

function gatherMs({ endpoints }: Parts, { metadata }: Service): number {
  const { name = "", namespace } = metadata;
  const count = (endpoints.get({ namespace, name })?.subsets ?? []).reduce(
    (sum, { addresses = [], notReadyAddresses = [] }) => sum + addresses.length + notReadyAddresses.length,
    0,
  );
  return count > gatheringFrom ? Math.min(count * gatherMsPerAddress, longestGatherMs) : 0;
}

/** Deleted ones are made anew; those there are at the start may have lost their service meanwhile. */
function watchEndpoints(endpoints: Informer<Endpoints>): Watch {
  const keyOfEndpoints = ({ metadata }: KubeObject) => `${metadata.namespace}/${metadata.name}`;
  return watch(endpoints, (queue) => ({
    added: (object, isInitialList) => {
      if (isInitialList && !isLeaderRecord(object)) queue.add(keyOfEndpoints(object));
    },
    deleted: (object) => queue.add(keyOfEndpoints(object)),
  }));
}

/** Leader elections once kept their record on Endpoints without a service. */
function isLeaderRecord({ metadata }: Endpoints): boolean {
  return metadata.annotations?.["control-plane.alpha.kubernetes.io/leader"] !== undefined;
}

async function reconcileService(key: string, parts: Parts, { signal }: ReconcileContext): Promise<ReconcileResult> {
  const { client, services, endpoints, pods, triggers } = parts;
  const service = services.get(parseKey(key));
  const present = endpoints.get(parseKey(key));
  const writes = new OwnWrites();
  if (!service) {
    triggers.forget(key);
    if (present) writes.note(endpoints, await removeEndpoints(client, key, signal));
    await writes.seen(signal);
    return done;
  }
  if (!hasManagedEndpoints(service)) return done;
  const members = podsOfService(pods, service);
  const wanted = planEndpoints(service, members, present, triggers.next(key, service, members));
  if (wanted) writes.note(endpoints, await writeEndpoints(service, wanted, parts, signal));
  await writes.seen(signal);
  return done;
}

async function removeEndpoints(client: Client, key: string, signal: AbortSignal): Promise<Endpoints | undefined> {
  try {
    return await client.delete(resources.endpoints, parseKey(key), { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function writeEndpoints(
  service: Service,
  wanted: Endpoints,
  { client, events }: Parts,
  signal: AbortSignal,
): Promise<Endpoints | undefined> {
  const isNew = wanted.metadata.resourceVersion === undefined;
  try {
    return await client[isNew ? "create" : "update"](resources.endpoints, wanted, { signal });
  } catch (error) {
    if (isNew && isNamespaceTerminating(error)) return undefined;
    const { namespace, name } = service.metadata;
    const [reason, what] = isNew
      ? ["FailedToCreateEndpoint", `Failed to create endpoint for service ${namespace}/${name}`]
      : ["FailedToUpdateEndpoint", `Failed to update endpoint ${namespace}/${name}`];
    events.warning(referenceTo(resources.endpoints, wanted), reason, `${what}: ${(error as Error).message}`);
    throw error;
  }
}
