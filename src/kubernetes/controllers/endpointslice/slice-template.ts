// What a service's slices carry besides endpoints: labels, owner, a name to start from.

import { type EndpointSlice, resources, type Service } from "#kubernetes/api";
import { isSameJson } from "../canonical-json.ts";
import { controllerReference } from "../ownership/owner-references.ts";
import { managedByLabel, serviceNameLabel } from "../service-endpoints/slice-index.ts";
import type { AddressType } from "./endpoint.ts";

const headlessLabel = "service.kubernetes.io/headless";
export const managerName = "endpointslice-controller.k8s.io";

const reservedLabels: ReadonlySet<string> = new Set([managedByLabel, serviceNameLabel, headlessLabel]);

export interface SliceShape {
  readonly ports: NonNullable<EndpointSlice["ports"]>;
  readonly addressType: AddressType;
}

export function newSlice(service: Service, { ports, addressType }: SliceShape): EndpointSlice {
  const { name = "", namespace = "" } = service.metadata;
  return {
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: sliceLabels(service),
      ownerReferences: [controllerReference(resources.services, service)],
    },
    addressType,
    endpoints: [],
    ports,
  };
}

/** The service's own labels and those by which its slices are found. */
export function sliceLabels({ metadata, spec }: Service): Record<string, string> {
  const isHeadless = !spec?.clusterIP || spec.clusterIP === "None";
  return {
    ...withoutReserved(metadata.labels),
    ...(isHeadless && { [headlessLabel]: "" }),
    [serviceNameLabel]: metadata.name ?? "",
    [managedByLabel]: managerName,
  };
}

/** Whether a slice shows the labels of its service; the reserved ones do not matter. */
export function mirrorsLabels({ metadata }: EndpointSlice, service: Service): boolean {
  return isSameJson(withoutReserved(metadata.labels), withoutReserved(service.metadata.labels));
}

function withoutReserved(labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !reservedLabels.has(key)));
}

export function isSliceOwnedBy({ metadata }: EndpointSlice, service: Service): boolean {
  return (metadata.ownerReferences ?? []).some(
    ({ uid, kind, apiVersion }) => uid === service.metadata.uid && kind === "Service" && apiVersion === "v1",
  );
}
