import assert from "node:assert/strict";
import { test } from "node:test";
import type { EndpointSubset, Endpoints, Pod, Service } from "#kubernetes/api";
import { packSubsets } from "../service-endpoints/subsets.ts";
import { planEndpoints } from "./plan.ts";

const service: Service = {
  metadata: { name: "web", namespace: "default", labels: { team: "a" } },
  spec: {
    selector: { app: "web" },
    clusterIP: "10.96.0.9",
    ipFamilies: ["IPv4"],
    ports: [
      { name: "http", port: 80, targetPort: 8080, protocol: "TCP" },
      { name: "metrics", port: 81, targetPort: 8081, protocol: "TCP" },
    ],
  },
};

function pod(position: number, ready = true): Pod {
  const ip = `10.0.${position >> 8}.${position & 255}`;
  return {
    metadata: { name: `web-${position}`, namespace: "default", uid: `p${position}` },
    spec: { nodeName: "n1", containers: [] },
    status: { podIP: ip, podIPs: [{ ip }], conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  };
}

test("ready and other pods share the subset of their ports", () => {
  const planned = planEndpoints(service, [pod(2, false), pod(1)], undefined, "2026-01-01T00:00:00Z");
  const address = (position: number) => ({
    ip: `10.0.0.${position}`,
    nodeName: "n1",
    targetRef: { kind: "Pod", namespace: "default", name: `web-${position}`, uid: `p${position}` },
  });
  assert.deepEqual(planned, {
    metadata: {
      name: "web",
      namespace: "default",
      labels: { team: "a", "endpoints.kubernetes.io/managed-by": "endpoint-controller" },
      annotations: { "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:00Z" },
    },
    subsets: [
      {
        addresses: [address(1)],
        notReadyAddresses: [address(2)],
        ports: [
          { name: "http", port: 8080, protocol: "TCP" },
          { name: "metrics", port: 8081, protocol: "TCP" },
        ],
      },
    ],
  });
});

function stored(endpoints: Endpoints): Endpoints {
  return { ...endpoints, metadata: { ...endpoints.metadata, resourceVersion: "7" } };
}

test("nothing is written where all is right, also in another order, or where too many are left out", () => {
  const few = planEndpoints(service, [pod(1), pod(2)], undefined, undefined)!;
  assert.equal(planEndpoints(service, [pod(2), pod(1)], stored(few), undefined), undefined);
  const pods = Array.from({ length: 1500 }, (_, position) => pod(position, position % 3 !== 0));
  const many = planEndpoints(service, pods, undefined, undefined)!;
  assert.equal(many.metadata.annotations?.["endpoints.kubernetes.io/over-capacity"], "truncated");
  assert.deepEqual([many.subsets?.[0]?.addresses?.length, many.subsets?.[0]?.notReadyAddresses], [1000, undefined]);
  assert.equal(planEndpoints(service, pods, stored(many), undefined), undefined);
});

test("a service without pods has Endpoints without subsets", () => {
  const empty = planEndpoints(service, [], undefined, undefined)!;
  assert.equal(empty.subsets, undefined);
  assert.equal(planEndpoints(service, [], stored(empty), undefined), undefined);
});

test("a headless service without ports still has addresses", () => {
  const headless: Service = { ...service, spec: { selector: {}, clusterIP: "None", ipFamilies: ["IPv4"] } };
  const planned = planEndpoints(headless, [pod(1)], undefined, undefined);
  assert.equal(planned?.subsets?.[0]?.addresses?.length, 1);
  assert.equal(planned?.metadata.labels?.["service.kubernetes.io/headless"], "");
});

test("packing merges what belongs together and keeps apart what does not", () => {
  const port = (number: number) => ({ port: number, protocol: "TCP" });
  const subsets: EndpointSubset[] = [
    { addresses: [{ ip: "1.1.1.1" }], ports: [port(80)] },
    { addresses: [{ ip: "1.1.1.1" }], ports: [port(81)] },
    { notReadyAddresses: [{ ip: "1.1.1.2" }], ports: [port(80), port(81)] },
    { addresses: [{ ip: "1.1.1.3" }], ports: [port(82)] },
  ];
  const packed = packSubsets(subsets);
  assert.deepEqual(packed, [
    { addresses: [{ ip: "1.1.1.1" }], notReadyAddresses: [{ ip: "1.1.1.2" }], ports: [port(80), port(81)] },
    { addresses: [{ ip: "1.1.1.3" }], ports: [port(82)] },
  ]);
  assert.deepEqual(packSubsets(packed.toReversed()), packed);
});
