// Says where the API server is, for pods that ask the `kubernetes` service: its Endpoints and EndpointSlice.

import { equalJson, type KubeObject, type Service } from "#kubernetes/api";
import type { RegistryContext } from "../registry/context.ts";
import { modifyObject } from "../registry/modify.ts";
import { storageKey } from "../registry/resources/served-resource.ts";
import { create } from "./bootstrap.ts";

const key = { namespace: "default", name: "kubernetes" };

/** Points the service to these addresses of API servers, and its target port with it. */
export async function advertise(context: RegistryContext, addresses: readonly string[], port: number): Promise<void> {
  const ports = [{ name: "https", port, protocol: "TCP" }];
  const addressType = addresses[0]?.includes(":") ? "IPv6" : "IPv4";
  await Promise.all([
    put(context, "", "endpoints", {
      metadata: { ...key, labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } },
      subsets: addresses.length === 0 ? [] : [{ addresses: addresses.map((ip) => ({ ip })), ports }],
    }),
    put(context, "discovery.k8s.io", "endpointslices", {
      metadata: { ...key, labels: { "kubernetes.io/service-name": "kubernetes" } },
      addressType,
      endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
      ports,
    }),
    modifyObject<Service>(context.resource("", "services"), key, (service) => withTargetPort(service, port)),
  ]);
}

type Wished = KubeObject & Readonly<Record<string, unknown>>;

async function put(context: RegistryContext, group: string, name: string, wished: Wished): Promise<void> {
  const resource = context.resource(group, name);
  const present = await resource.storage!.collection.get(storageKey(resource, key.namespace, key.name));
  if (!present) return create(context, resource, wished);
  const { metadata: _, ...fields } = wished;
  await modifyObject(resource, key, (live) => {
    const changed = { ...live, ...fields };
    return equalJson(changed, live) ? live : changed;
  });
}

function withTargetPort(service: Service, targetPort: number): Service {
  const [port] = service.spec?.ports ?? [];
  if (!port || port.targetPort === targetPort) return service;
  return { ...service, spec: { ...service.spec, ports: [{ ...port, targetPort }] } };
}
