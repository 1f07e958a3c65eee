// Where a service that the server itself calls (a webhook, an aggregated API) is reached: at one of its endpoints, since this
// machine need not know the way to service addresses; else at its own address.

import { type EndpointSlice, resources, type Service, type ServicePort, serviceUnavailable } from "#kubernetes/api";
import type { LiveObjects } from "../live-objects.ts";

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
}

/** Throws ServiceUnavailable where there is no such service, or nothing behind it. */
export async function findServiceAddress(objects: LiveObjects, reference: ServiceReference): Promise<ServiceAddress> {
  const { namespace, name, port } = reference;
  const service = await objects.get(resources.services, { namespace, name });
  if (!service) throw serviceUnavailable(`service "${name}" not found`);
  if (service.spec?.type === "ExternalName") return { host: service.spec.externalName ?? "", port };
  const declared = service.spec?.ports?.find((each) => each.port === port);
  if (!declared) throw serviceUnavailable(`no service port ${port} found for service "${name}"`);
  const found = await findEndpoint(objects, reference, declared);
  if (found) return found;
  if (service.spec?.selector || isHeadless(service)) {
    throw serviceUnavailable(`no endpoints available for service "${name}"`);
  }
  return { host: service.spec?.clusterIP ?? "", port };
}

function isHeadless({ spec }: Service): boolean {
  return !spec?.clusterIP || spec.clusterIP === "None";
}

async function findEndpoint(
  objects: LiveObjects,
  { namespace, name }: ServiceReference,
  { name: portName = "" }: ServicePort,
): Promise<ServiceAddress | undefined> {
  const slices = await objects.list(resources.endpointSlices, namespace);
  const own = slices.filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === name);
  const found = own.flatMap((slice) => addressesOf(slice, portName));
  if (found.length > 0) return found[Math.floor(Math.random() * found.length)];
  const endpoints = await objects.get(resources.endpoints, { namespace, name });
  for (const { addresses = [], ports = [] } of endpoints?.subsets ?? []) {
    const port = ports.find((each) => (each.name ?? "") === portName)?.port;
    const [address] = addresses;
    if (address && port !== undefined) return { host: address.ip, port };
  }
  return undefined;
}

function addressesOf({ endpoints = [], ports = [] }: EndpointSlice, portName: string): ServiceAddress[] {
  const port = ports.find((each) => (each.name ?? "") === portName)?.port;
  if (port === undefined) return [];
  return (endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ addresses }) => (addresses[0] === undefined ? [] : [{ host: addresses[0], port }]));
}
