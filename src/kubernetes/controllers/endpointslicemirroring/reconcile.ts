// The EndpointSlice mirroring controller: shows Endpoints that people have written as slices, for those who read only these.

import { type Endpoints, formatKey, keyOf, type ObjectKey, parseKey, resources, type Service } from "#kubernetes/api";
import type { Informer } from "#kubernetes/client";
import { createController, type EventRecorder, referenceTo, type Watch, watch } from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnSlices, type SliceEdit } from "../service-endpoints/own-slices.ts";
import { indexByService } from "../service-endpoints/slice-index.ts";
import { type MirrorPlan, managerName, maxAddressesPerSubset, planMirror } from "./plan.ts";

interface Parts {
  readonly services: Informer<Service>;
  readonly endpoints: Informer<Endpoints>;
  readonly events: EventRecorder;
}

export function createEndpointSliceMirroringController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const parts: Parts = {
    services: informers.informer(resources.services),
    endpoints: informers.informer(resources.endpoints),
    events: context.recorder("endpoint-slice-mirroring-controller"),
  };
  const slices = indexByService(informers.informer(resources.endpointSlices));
  const ownSlices = new OwnSlices(client, slices, managerName);
  return createController({
    ...context,
    name: "endpoint_slice_mirroring",
    reconcile: (key, { signal }) => ownSlices.keep(key, signal, (edit) => syncEndpoints(parseKey(key), parts, edit)),
    watches: [watchEndpoints(parts.endpoints), watchServices(parts.services), ownSlices.watch()],
  });
}

function watchEndpoints(endpoints: Informer<Endpoints>): Watch {
  return watch(endpoints, (queue) => {
    const add = (object: Endpoints) => {
      if (isMirrored(object)) queue.add(formatKey(keyOf(object)));
    };
    return {
      added: add,
      updated(object, old) {
        if (isMirrored(object) || isMirrored(old)) queue.add(formatKey(keyOf(object)));
      },
      deleted: add,
    };
  });
}

function watchServices(services: Informer<Service>): Watch {
  return watch(services, (queue) => {
    const add = (service: Service) => {
      if (!service.spec?.selector) queue.add(formatKey(keyOf(service)));
    };
    return {
      added: add,
      updated(service, old) {
        if (!service.spec?.selector !== !old.spec?.selector) queue.add(formatKey(keyOf(service)));
      },
      deleted: add,
    };
  });
}

/** Leader elections once kept their record on Endpoints. */
function isMirrored({ metadata }: Endpoints): boolean {
  return (
    metadata.labels?.["endpointslice.kubernetes.io/skip-mirror"] !== "true" &&
    metadata.annotations?.["control-plane.alpha.kubernetes.io/leader"] === undefined
  );
}

async function syncEndpoints(key: ObjectKey, { services, endpoints, events }: Parts, edit: SliceEdit): Promise<void> {
  const mirrored = endpoints.get(key);
  const service = services.get(key);
  const owner = `Endpoints ${formatKey(key)}`;
  if (!mirrored || !isMirrored(mirrored) || !service || service.spec?.selector) {
    await edit.write({ create: [], update: [], remove: [...edit.present] }, owner);
    return;
  }
  const plan = planMirror(mirrored, edit.present);
  reportSkipped(mirrored, plan, events);
  await edit.write(mirrored.metadata.deletionTimestamp ? { ...plan, create: [] } : plan, owner);
}

function reportSkipped(endpoints: Endpoints, { invalid, skipped }: MirrorPlan, events: EventRecorder): void {
  const regarding = referenceTo(resources.endpoints, endpoints);
  if (invalid > 0) {
    const message = `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`;
    events.warning(regarding, "InvalidIPAddress", message);
  }
  if (skipped > invalid) {
    const message = `A max of ${maxAddressesPerSubset} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`;
    events.warning(regarding, "TooManyAddressesToMirror", message);
  }
}
