// EndpointSlice: some of the addresses behind a service, all of one type, with the ports they listen on.

import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice } from "../../generated/types.ts";
import { warnOfIP } from "../../ip-validation.ts";
import { checkDNSSubdomainName } from "../../names.ts";
import { defineKind } from "../define-kind.ts";
import { formatAge } from "../table/human-duration.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { haveSameEndpoints, validateEndpointSlice, validateEndpointSliceUpdate } from "./validate-endpoint-slice.ts";

const managedBy = "endpointslice.kubernetes.io/managed-by";
const controllers = ["endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"];
const hostnameLabel = "kubernetes.io/hostname";

export const endpointSlice = defineKind<EndpointSlice>({
  group: "discovery.k8s.io",
  version: "v1",
  kind: "EndpointSlice",
  metadataChecks: ["object"],
  setDefaults: ({ ports }) => {
    for (const port of ports ?? []) {
      port.name ??= "";
      port.protocol ??= "TCP";
    }
  },
  prepareForCreate: (object) => dropTopology(object, undefined),
  prepareForUpdate,
  validate: (object) => validateEndpointSlice(object, undefined),
  validateUpdate: validateEndpointSliceUpdate,
  warnings: (object, old) => [
    ...(!old && object.addressType === "FQDN" ? ["spec.addressType: FQDN endpoints are deprecated"] : []),
    ...warnOfAddresses(object),
  ],
  tableCells: ({ metadata, addressType, ports, endpoints }, now) => ({
    cells: [
      metadata.name,
      addressType,
      formatList((ports ?? []).map(formatPort)),
      formatList((endpoints ?? []).flatMap(({ addresses }) => addresses ?? [])),
      formatAge(metadata.creationTimestamp, now),
    ],
  }),
});

/** Labels count: the service of a slice is one of them. So does a topology that is about to be dropped. */
function prepareForUpdate(object: EndpointSlice, old: EndpointSlice): void {
  if (!deepEqual(object.metadata.labels ?? {}, old.metadata.labels ?? {}) || !haveSameEndpoints(object, old)) {
    object.metadata.generation = (old.metadata.generation ?? 0) + 1;
  }
  dropTopology(object, old);
}

/** Of the topology that old clients wrote only the node's name has a field; the rest is dropped, unless nothing changes. */
function dropTopology(object: EndpointSlice, old: EndpointSlice | undefined): void {
  if (old && haveSameEndpoints(object, old)) return;
  const knownNodes = new Set((old?.endpoints ?? []).map(nodeOfTopology).filter(Boolean));
  for (const endpoint of object.endpoints ?? []) {
    const node = nodeOfTopology(endpoint);
    const isNode = node !== undefined && knownNodes.has(node) && checkDNSSubdomainName(node, false).length === 0;
    if (isNode) endpoint.nodeName ??= node;
    delete endpoint.deprecatedTopology;
  }
}

function nodeOfTopology({ deprecatedTopology }: Endpoint): string | undefined {
  return deprecatedTopology?.[hostnameLabel];
}

/** The controllers know what they do. */
function warnOfAddresses({ metadata, endpoints }: EndpointSlice): string[] {
  if (controllers.includes(metadata.labels?.[managedBy] ?? "")) return [];
  return (endpoints ?? []).flatMap(({ addresses }, index) =>
    (addresses ?? []).flatMap((address, place) => warnOfIP(`endpoints[${index}].addresses[${place}]`, address)),
  );
}

function formatPort({ port, name }: DiscoveryV1EndpointPort): string {
  return port === undefined ? (name ?? "*") : String(port);
}

const mostShown = 3;

function formatList(list: readonly string[]): string {
  const shown = list.slice(0, mostShown).join(",");
  return list.length > mostShown ? `${shown} + ${list.length - mostShown} more...` : shown || "<unset>";
}
