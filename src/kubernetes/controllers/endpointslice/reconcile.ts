// The EndpointSlice controller: keeps the slices of every service with a selector as its pods are.

import { type EndpointSlice, type Node, type Pod, parseKey, resources, type Service } from "#kubernetes/api";
import type { Informer } from "#kubernetes/client";
import { createController, type EventRecorder, referenceTo, type Watch, watch, watchOwn } from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { indexByNode, podsOnNode } from "../pods/node-index.ts";
import { OwnSlices, type SliceChanges, type SliceEdit } from "../service-endpoints/own-slices.ts";
import { hasManagedEndpoints, podsOfService, servicesOfPod } from "../service-endpoints/service-pods.ts";
import { indexByService, slicesOfService } from "../service-endpoints/slice-index.ts";
import { annotateTrigger, TriggerTimes } from "../service-endpoints/trigger-times.ts";
import { watchServicePods } from "../service-endpoints/watch-service-pods.ts";
import { planSlices } from "./plan.ts";
import { managerName } from "./slice-template.ts";

interface Parts {
  readonly services: Informer<Service>;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly slices: Informer<EndpointSlice>;
  readonly events: EventRecorder;
  readonly triggers: TriggerTimes;
}

/** So much longer a service gathers changes of its pods for every slice beyond the first. */
const gatherMsPerSlice = 5;
const longestGatherMs = 250;

export function createEndpointSliceController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const parts: Parts = {
    services: informers.informer(resources.services),
    pods: indexByNode(informers.informer(resources.pods)),
    nodes: informers.informer(resources.nodes),
    slices: indexByService(informers.informer(resources.endpointSlices)),
    events: context.recorder("endpoint-slice-controller"),
    triggers: new TriggerTimes(),
  };
  const ownSlices = new OwnSlices(client, parts.slices, managerName);
  return createController({
    ...context,
    name: "endpoint_slice",
    reconcile: (key, { signal }) => ownSlices.keep(key, signal, (edit) => syncService(key, parts, edit)),
    watches: [
      watchOwn(parts.services),
      watchServicePods(parts.pods, parts.services, (service) => gatherMs(parts, service)),
      watchNodes(parts),
      ownSlices.watch(),
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

async function syncService(key: string, parts: Parts, edit: SliceEdit): Promise<void> {
  const { services, nodes, pods, triggers, events } = parts;
  const service = services.get(parseKey(key));
  if (!service) triggers.forget(key);
  if (!service || !hasManagedEndpoints(service)) return;
  const members = podsOfService(pods, service);
  const trigger = triggers.next(key, service, members);
  const plan = planSlices(service, { pods: members, slices: edit.present, nodeOf: (name) => nodes.get({ name }) });
  try {
    await edit.write(finishChanges(service, plan, trigger), `Service ${key}`);
    if (plan.onMissingNodes.length > 0) throw missingNodes(key, plan.onMissingNodes);
  } catch (error) {
    const message = `Error updating Endpoint Slices for Service ${key}: ${(error as Error).message}`;
    events.warning(referenceTo(resources.services, service), "FailedToUpdateEndpointSlices", message);
    throw error;
  }
}

function finishChanges(service: Service, { create, update, remove }: SliceChanges, trigger: string | undefined) {
  const annotated = (slice: EndpointSlice): EndpointSlice => ({
    ...slice,
    metadata: { ...slice.metadata, annotations: annotateTrigger(slice.metadata.annotations, trigger) },
  });
  return {
    // The garbage collector removes the slices of a service that goes; new ones would only be in its way.
    create: service.metadata.deletionTimestamp ? [] : create.map(annotated),
    update: update.map(annotated),
    remove,
  };
}

function missingNodes(key: string, pods: readonly Pod[]): Error {
  const lines = pods.map(
    ({ metadata, spec }) => `skipping Pod ${metadata.name} for Service ${key}: Node ${spec?.nodeName ?? ""} Not Found`,
  );
  return new Error(lines.length === 1 ? lines[0] : `[${lines.join(", ")}]`);
}
