// What slices mirror Endpoints that somebody has written by hand, for a service without a selector. Pure.

import {
  type Endpoint,
  type EndpointAddress,
  type EndpointPort,
  type EndpointSlice,
  type Endpoints,
  formatIP,
  parseIPSloppy,
  resources,
} from "#kubernetes/api";
import { isSameJson } from "../canonical-json.ts";
import { type AddressType, endpointKey, isSameEndpoint, portsKey } from "../endpointslice/endpoint.ts";
import { controllerReference } from "../ownership/owner-references.ts";
import type { SliceChanges } from "../service-endpoints/own-slices.ts";
import { managedByLabel, serviceNameLabel } from "../service-endpoints/slice-index.ts";
import { packSubsets } from "../service-endpoints/subsets.ts";
import { triggerTimeAnnotation } from "../service-endpoints/trigger-times.ts";

export const managerName = "endpointslicemirroring-controller.k8s.io";

/** One subset becomes one slice (of a family), up to so many addresses. */
export const maxAddressesPerSubset = 1000;

export interface MirrorPlan extends SliceChanges {
  /** Addresses that are none. */
  readonly invalid: number;
  /** All that were left out, invalid ones too. */
  readonly skipped: number;
}

export function planMirror(endpoints: Endpoints, slices: readonly EndpointSlice[]): MirrorPlan {
  const { groups, invalid, skipped } = groupAddresses(endpoints);
  const present = Map.groupBy(slices, ({ addressType, ports }) => `${addressType} ${portsKey(ports)}`);
  const changes: SliceChanges = { create: [], update: [], remove: [] };
  for (const [key, group] of groups) {
    const [first, ...others] = present.get(key) ?? [];
    present.delete(key);
    changes.remove.push(...others);
    const wanted = mirrorSlice(endpoints, group);
    if (!first) changes.create.push(wanted);
    else if (!isSameSlice(first, wanted)) changes.update.push(inPlaceOf(first, wanted));
  }
  for (const unwanted of present.values()) changes.remove.push(...unwanted);
  return { ...recycle(changes), invalid, skipped };
}

interface Group {
  readonly addressType: AddressType;
  readonly ports: NonNullable<EndpointSlice["ports"]>;
  readonly endpoints: Map<string, Endpoint>;
}

interface Grouped {
  readonly groups: ReadonlyMap<string, Group>;
  readonly invalid: number;
  readonly skipped: number;
}

function groupAddresses(endpoints: Endpoints): Grouped {
  const groups = new Map<string, Group>();
  let invalid = 0;
  let skipped = 0;
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of packSubsets(endpoints.subsets ?? [])) {
    const slicePorts = ports.map(slicePort);
    const all = [
      ...addresses.map((a) => mirrorAddress(a, true)),
      ...notReadyAddresses.map((a) => mirrorAddress(a, false)),
    ];
    let added = 0;
    for (const mirrored of all) {
      if (added >= maxAddressesPerSubset) break;
      if (!mirrored) {
        invalid++;
        continue;
      }
      const { addressType, endpoint } = mirrored;
      const key = `${addressType} ${portsKey(slicePorts)}`;
      const group: Group = groups.get(key) ?? { addressType, ports: slicePorts, endpoints: new Map() };
      groups.set(key, group);
      group.endpoints.set(endpointKey(endpoint), endpoint);
      added++;
    }
    skipped += all.length - added;
  }
  return { groups, invalid, skipped };
}

function slicePort({ name = "", port, protocol = "TCP", appProtocol }: EndpointPort): Group["ports"][number] {
  return { name, port, protocol, ...(appProtocol !== undefined && { appProtocol }) };
}

/** Undefined where the address is none. */
function mirrorAddress(
  { ip, hostname, nodeName, targetRef }: EndpointAddress,
  ready: boolean,
): { readonly addressType: AddressType; readonly endpoint: Endpoint } | undefined {
  const parsed = parseIPSloppy(ip);
  if (!parsed) return undefined;
  return {
    addressType: parsed.family === 6 ? "IPv6" : "IPv4",
    endpoint: {
      addresses: [formatIP(parsed)],
      conditions: { ready },
      ...(hostname && { hostname }),
      ...(nodeName !== undefined && { nodeName }),
      ...(targetRef && { targetRef }),
    },
  };
}

function mirrorSlice(endpoints: Endpoints, { addressType, ports, endpoints: all }: Group): EndpointSlice {
  const { name = "", namespace = "", labels, annotations = {} } = endpoints.metadata;
  const {
    [triggerTimeAnnotation]: _,
    "kubectl.kubernetes.io/last-applied-configuration": __,
    ...mirrored
  } = annotations;
  return {
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, [serviceNameLabel]: name, [managedByLabel]: managerName },
      annotations: mirrored,
      ownerReferences: [controllerReference(resources.endpoints, endpoints)],
    },
    addressType,
    endpoints: [...all.values()].slice(0, maxAddressesPerSubset),
    ports,
  };
}

function isSameSlice(slice: EndpointSlice, wanted: EndpointSlice): boolean {
  const { labels, annotations = {}, ownerReferences } = slice.metadata;
  return (
    isSameJson(labels, wanted.metadata.labels) &&
    isSameJson(annotations, wanted.metadata.annotations) &&
    isSameJson(ownerReferences, wanted.metadata.ownerReferences) &&
    hasSameEndpoints(slice.endpoints ?? [], wanted.endpoints ?? [])
  );
}

function hasSameEndpoints(present: readonly Endpoint[], wanted: readonly Endpoint[]): boolean {
  if (present.length !== wanted.length) return false;
  const byKey = new Map(present.map((endpoint) => [endpointKey(endpoint), endpoint]));
  return wanted.every((endpoint) => {
    const same = byKey.get(endpointKey(endpoint));
    return same !== undefined && isSameEndpoint(same, endpoint);
  });
}

function inPlaceOf({ metadata }: EndpointSlice, wanted: EndpointSlice): EndpointSlice {
  const { generateName: _, ...rest } = wanted.metadata;
  const { name, uid, resourceVersion } = metadata;
  return {
    ...wanted,
    metadata: {
      ...rest,
      ...(name !== undefined && { name }),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
  };
}

/** A slice that would go takes the content of one that would come. */
function recycle({ create, update, remove }: SliceChanges): SliceChanges {
  const unused = [...create];
  const changed = [...update];
  const left = remove.filter((slice) => {
    const position = unused.findIndex(({ addressType }) => addressType === slice.addressType);
    if (position < 0) return true;
    changed.push(inPlaceOf(slice, unused.splice(position, 1)[0]!));
    return false;
  });
  return { create: unused, update: changed, remove: left };
}
