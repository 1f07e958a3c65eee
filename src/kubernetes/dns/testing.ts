// A small cluster to ask about, for tests.

import type { Endpoint, EndpointSlice, Service, ServicePort } from "#kubernetes/api";
import type { Zone } from "./records/answer-question.ts";
import type { ClusterView } from "./records/cluster-view.ts";
import { canonical } from "./records/reverse-name.ts";

export const zone: Zone = {
  domain: "cluster.local",
  ttl: 30,
  negativeTtl: 5,
  nameServer: { namespace: "kube-system", name: "kube-dns" },
};

export interface TestObjects {
  readonly namespaces?: readonly string[];
  readonly services?: readonly Service[];
  readonly slices?: readonly EndpointSlice[];
  readonly isComplete?: boolean;
}

export function createTestView({
  namespaces = [],
  services = [],
  slices = [],
  isComplete = true,
}: TestObjects): ClusterView {
  const addressesOf = (slice: EndpointSlice) => (slice.endpoints ?? []).flatMap(({ addresses }) => addresses);
  return {
    isComplete,
    serial: 1_700_000_000,
    hasNamespace: (name) => namespaces.includes(name),
    service: (namespace, name) =>
      services.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
    slicesOf: (namespace, service) =>
      slices.filter(
        ({ metadata }) =>
          metadata.namespace === namespace && metadata.labels?.["kubernetes.io/service-name"] === service,
      ),
    servicesAt: (address) =>
      services.filter(({ spec }) => spec?.clusterIPs?.some((each) => canonical(each) === address)),
    slicesAt: (address) => slices.filter((slice) => addressesOf(slice).some((each) => canonical(each) === address)),
  };
}

export function createService(name: string, spec: Service["spec"], namespace = "test"): Service {
  const { clusterIP } = spec ?? {};
  const clusterIPs = spec?.clusterIPs ?? (clusterIP === undefined ? [] : [clusterIP]);
  return { metadata: { namespace, name }, spec: { type: "ClusterIP", clusterIPs, ...spec } };
}

export function createSlice(
  service: string,
  endpoints: readonly Endpoint[],
  ports: readonly ServicePort[] | undefined = [{ name: "http", port: 80, protocol: "TCP" }],
): EndpointSlice {
  return {
    metadata: {
      namespace: "test",
      name: `${service}-1`,
      labels: { "kubernetes.io/service-name": service },
    },
    addressType: "IPv4",
    endpoints: [...endpoints],
    ports: [...ports],
  };
}

const http = { name: "http", port: 80, protocol: "TCP" };

/** The cluster most tests ask about. */
export const testView = createTestView({
  namespaces: ["test", "kube-system"],
  services: [
    createService("web", { clusterIP: "10.96.0.1", ports: [http] }),
    createService("two-ports", {
      clusterIP: "10.96.0.2",
      ports: [http, { name: "dns", port: 53, protocol: "UDP" }],
    }),
    createService("unnamed", { clusterIP: "10.96.0.4", ports: [{ port: 81, protocol: "TCP" }] }),
    createService("six", { clusterIP: "fd00::1", ports: [http] }),
    createService("dual", { clusterIP: "10.96.0.3", clusterIPs: ["10.96.0.3", "fd00::3"], ports: [http] }),
    createService("headless", { clusterIP: "None", ports: [http] }),
    createService("portless", { clusterIP: "None" }),
    createService("nobody", { clusterIP: "None", ports: [http] }),
    createService("external", { type: "ExternalName", externalName: "Ext.Example.test." }),
    createService("internal", { type: "ExternalName", externalName: "web.test.svc.cluster.local" }),
    createService("dangling", { type: "ExternalName", externalName: "gone.test.svc.cluster.local" }),
    createService("chain", { type: "ExternalName", externalName: "external.test.svc.cluster.local" }),
    createService("loop", { type: "ExternalName", externalName: "loop.test.svc.cluster.local" }),
    createService("address", { type: "ExternalName", externalName: "1.2.3.4" }),
    createService("kube-dns", { clusterIP: "10.96.0.10", ports: [{ ...http, name: "dns" }] }, "kube-system"),
  ],
  slices: [
    createSlice("headless", [
      { addresses: ["172.16.0.2"] },
      { addresses: ["172.16.0.3"], conditions: { ready: true } },
      { addresses: ["172.16.0.4"], hostname: "Twin", conditions: { ready: true } },
      { addresses: ["172.16.0.5"], hostname: "Twin" },
      { addresses: ["172.16.0.6"], conditions: { ready: false } },
      { addresses: ["fd00:5678::1"] },
      { addresses: ["fd00::"] },
    ]),
    createSlice("portless", [{ addresses: ["172.16.0.20"], hostname: "solo" }], []),
    createSlice("web", [{ addresses: ["172.16.0.30"], hostname: "web-0" }]),
    createSlice("nobody", [{ addresses: ["172.16.0.40"], conditions: { ready: false } }]),
  ],
});
