import assert from "node:assert/strict";
import { test } from "node:test";
import type { EndpointSlice, EndpointSubset, Endpoints } from "#kubernetes/api";
import { type MirrorPlan, planMirror } from "./plan.ts";

function endpoints(subsets: EndpointSubset[], more: Partial<Endpoints["metadata"]> = {}): Endpoints {
  return { metadata: { name: "db", namespace: "default", uid: "e1", ...more }, subsets };
}

const ports = [{ name: "sql", port: 5432, protocol: "TCP" }];
const counts = ({ create, update, remove }: MirrorPlan) => [create.length, update.length, remove.length];

let stored = 0;
const store = (slices: readonly EndpointSlice[]) =>
  slices.map((slice) => ({ ...slice, metadata: { ...slice.metadata, name: `db-${++stored}`, resourceVersion: "1" } }));

test("every family of a subset becomes a slice", () => {
  const plan = planMirror(
    endpoints([{ addresses: [{ ip: "1.1.1.1" }, { ip: "fd00::1" }], notReadyAddresses: [{ ip: "1.1.1.2" }], ports }], {
      labels: { team: "a" },
      annotations: { note: "x", "kubectl.kubernetes.io/last-applied-configuration": "{}" },
    }),
    [],
  );
  assert.deepEqual(
    plan.create.map(({ addressType, endpoints: all }) => [
      addressType,
      all?.map(({ addresses, conditions }) => [addresses[0], conditions?.ready]),
    ]),
    [
      [
        "IPv4",
        [
          ["1.1.1.1", true],
          ["1.1.1.2", false],
        ],
      ],
      ["IPv6", [["fd00::1", true]]],
    ],
  );
  const [first] = plan.create;
  assert.deepEqual(first?.metadata.annotations, { note: "x" });
  assert.deepEqual(first?.metadata.labels, {
    team: "a",
    "kubernetes.io/service-name": "db",
    "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
  });
  assert.equal(first?.metadata.ownerReferences?.[0]?.kind, "Endpoints");
});

test("nothing changes where the slices show it already", () => {
  const mirrored = endpoints([{ addresses: [{ ip: "1.1.1.1" }], ports }]);
  assert.deepEqual(counts(planMirror(mirrored, store(planMirror(mirrored, []).create))), [0, 0, 0]);
});

test("other ports reuse the slice that would go", () => {
  const slices = store(planMirror(endpoints([{ addresses: [{ ip: "1.1.1.1" }], ports }]), []).create);
  const changed = planMirror(
    endpoints([{ addresses: [{ ip: "1.1.1.1" }], ports: [{ ...ports[0]!, port: 1 }] }]),
    slices,
  );
  assert.deepEqual(counts(changed), [0, 1, 0]);
  assert.equal(changed.update[0]?.metadata.name, slices[0]?.metadata.name);
});

test("what is no address, and what is too much, is counted", () => {
  const addresses = Array.from({ length: 1001 }, (_, position) => ({ ip: `10.0.${position >> 8}.${position & 255}` }));
  const plan = planMirror(endpoints([{ addresses: [{ ip: "" }, ...addresses], ports }]), []);
  assert.deepEqual([plan.invalid, plan.skipped, plan.create[0]?.endpoints?.length], [1, 2, 1000]);
});
