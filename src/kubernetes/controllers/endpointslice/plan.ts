// What a service's slices should be, from its pods and the slices there are. Pure.

import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice, Node, Pod, Service } from "#kubernetes/api";
import { isSameJson } from "../canonical-json.ts";
import type { SliceChanges } from "../service-endpoints/own-slices.ts";
import { isEndpoint } from "../service-endpoints/service-pods.ts";
import { type AddressType, endpointKey, podEndpoint, podPorts, portsKey } from "./endpoint.ts";
import { type EndpointSet, fillSlices } from "./fill.ts";
import { addHints } from "./hints.ts";
import { isSliceOwnedBy, newSlice } from "./slice-template.ts";

export interface SliceInputs {
  /** The pods the service selects. */
  readonly pods: readonly Pod[];
  /** The slices this controller has made for a service of this name. */
  readonly slices: readonly EndpointSlice[];
  nodeOf(name: string): Node | undefined;
}

export interface SlicePlan extends SliceChanges {
  /** Pods that were left out because their node is not there (yet): worth trying again. */
  readonly onMissingNodes: readonly Pod[];
}

export function planSlices(service: Service, inputs: SliceInputs): SlicePlan {
  const addressTypes = addressTypesOf(service);
  const onMissingNodes = new Set<Pod>();
  const plan: SliceChanges = { create: [], update: [], remove: [] };
  for (const addressType of addressTypes) {
    const slices = inputs.slices.filter((slice) => slice.addressType === addressType);
    const changes = planAddressType(service, addressType, { ...inputs, slices }, onMissingNodes);
    plan.create.push(...changes.create);
    plan.update.push(...changes.update);
    plan.remove.push(...changes.remove);
  }
  plan.remove.push(...inputs.slices.filter((slice) => !addressTypes.has(slice.addressType as AddressType)));
  return { ...plan, onMissingNodes: [...onMissingNodes] };
}

function addressTypesOf({ spec }: Service): Set<AddressType> {
  const families = new Set((spec?.ipFamilies ?? []).filter((family) => family === "IPv4" || family === "IPv6"));
  if (families.size > 0) return families;
  const { clusterIP } = spec ?? {};
  if (clusterIP && clusterIP !== "None") return new Set([clusterIP.includes(":") ? "IPv6" : "IPv4"]);
  return new Set(["IPv4", "IPv6"]);
}

function planAddressType(
  service: Service,
  addressType: AddressType,
  inputs: SliceInputs,
  onMissingNodes: Set<Pod>,
): SliceChanges {
  const { slices } = inputs;
  const groups = groupEndpoints(service, addressType, inputs, onMissingNodes);
  const changes: SliceChanges = { create: [], update: [], remove: [] };
  changes.remove.push(...slices.filter((slice) => !isSliceOwnedBy(slice, service)));
  const own = slices.filter((slice) => isSliceOwnedBy(slice, service));
  const byPorts = Map.groupBy(own, ({ ports }) => portsKey(ports));
  for (const [key, { ports, endpoints }] of groups) {
    const filled = fillSlices(service, { ports, addressType }, byPorts.get(key) ?? [], endpoints);
    changes.create.push(...filled.create);
    changes.update.push(...filled.update);
    changes.remove.push(...filled.remove);
  }
  for (const [key, unwanted] of byPorts) if (!groups.has(key)) changes.remove.push(...unwanted);
  keepPlaceholder(service, addressType, slices, changes);
  const touched = new Set([...changes.update, ...changes.remove].map(({ metadata }) => metadata.name));
  const untouched = slices.filter(({ metadata }) => !touched.has(metadata.name));
  return reuseRemoved(service, addHints(service, changes, untouched));
}

interface PortGroup {
  readonly ports: DiscoveryV1EndpointPort[];
  readonly endpoints: EndpointSet;
}

/** The wanted endpoints by their ports: named ports may lead to different numbers on different pods. */
function groupEndpoints(
  service: Service,
  addressType: AddressType,
  { pods, nodeOf }: SliceInputs,
  onMissingNodes: Set<Pod>,
): Map<string, PortGroup> {
  const groups = new Map<string, PortGroup>();
  for (const pod of pods) {
    if (!isEndpoint(pod)) continue;
    const ports = podPorts(pod, service);
    const key = portsKey(ports);
    const group: PortGroup = groups.get(key) ?? { ports, endpoints: new Map() };
    groups.set(key, group);
    const node = nodeOf(pod.spec?.nodeName ?? "");
    if (!node && !service.spec?.publishNotReadyAddresses) {
      onMissingNodes.add(pod);
      continue;
    }
    const endpoint: Endpoint = podEndpoint(pod, node, service, addressType);
    if (endpoint.addresses.length > 0) group.endpoints.set(endpointKey(endpoint), endpoint);
  }
  return groups;
}

/** A service always has a slice, if an empty one: it says that the service is known, and has no endpoints. */
function keepPlaceholder(
  service: Service,
  addressType: AddressType,
  slices: readonly EndpointSlice[],
  { create, remove }: SliceChanges,
): void {
  if (slices.length !== remove.length || create.length > 0) return;
  const placeholder = newSlice(service, { ports: [], addressType });
  if (remove.length === 1 && isPlaceholder(remove[0]!, placeholder)) remove.pop();
  else create.push(placeholder);
}

function isPlaceholder(slice: EndpointSlice, { metadata }: EndpointSlice): boolean {
  return (
    (slice.endpoints ?? []).length === 0 &&
    (slice.ports ?? []).length === 0 &&
    isSameJson(slice.metadata.labels, metadata.labels) &&
    isSameJson(slice.metadata.ownerReferences, metadata.ownerReferences)
  );
}

/** A slice that would go takes the content of one that would come. */
function reuseRemoved(service: Service, { create, update, remove }: SliceChanges): SliceChanges {
  const unused = [...create];
  const changed = [...update];
  const left: EndpointSlice[] = [];
  for (const slice of remove) {
    const content = isSliceOwnedBy(slice, service) ? unused.pop() : undefined;
    if (!content) left.push(slice);
    else changed.push({ ...content, metadata: reusedMetadata(content, slice) });
  }
  return { create: unused, update: changed, remove: left };
}

function reusedMetadata({ metadata }: EndpointSlice, { metadata: old }: EndpointSlice): EndpointSlice["metadata"] {
  const { generateName: _, ...rest } = metadata;
  const { name, uid, resourceVersion } = old;
  return {
    ...rest,
    ...(name !== undefined && { name }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
}
