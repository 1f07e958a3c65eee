import assert from "node:assert/strict";
import { test } from "node:test";
import type { EndpointSlice, Node, Pod, Service } from "#kubernetes/api";
import { planSlices, type SlicePlan } from "./plan.ts";

function service(spec: Service["spec"] = {}, labels: Record<string, string> = {}): Service {
  return {
    metadata: { name: "web", namespace: "default", uid: "s1", labels },
    spec: {
      selector: { app: "web" },
      clusterIP: "10.96.0.9",
      ipFamilies: ["IPv4"],
      ports: [{ port: 80, targetPort: 8080, protocol: "TCP", name: "http" }],
      ...spec,
    },
  };
}

function pod(position: number, more: Partial<Pod> = {}): Pod {
  return {
    metadata: { name: `web-${position}`, namespace: "default", uid: `p${position}`, ...more.metadata },
    spec: { nodeName: "n1", containers: [{ name: "c", image: "x" }], ...more.spec },
    status: {
      phase: "Running",
      podIP: `10.0.${position >> 8}.${position & 255}`,
      podIPs: [{ ip: `10.0.${position >> 8}.${position & 255}` }],
      conditions: [{ type: "Ready", status: "True" }],
      ...more.status,
    },
  };
}

const node: Node = { metadata: { name: "n1", labels: { "topology.kubernetes.io/zone": "a" } } };
const nodeOf = (name: string) => (name === "n1" ? node : undefined);

let stored = 0;

/** What a server would have made of a plan. */
function carryOut(slices: readonly EndpointSlice[], { create, update, remove }: SlicePlan): EndpointSlice[] {
  const gone = new Set(remove.map(({ metadata }) => metadata.name));
  const updated = new Map(update.map((slice) => [slice.metadata.name, slice]));
  const kept = slices
    .filter(({ metadata }) => !gone.has(metadata.name))
    .map((slice) => updated.get(slice.metadata.name) ?? slice);
  const created = create.map((slice) => {
    const name = `web-${++stored}`;
    return { ...slice, metadata: { ...slice.metadata, name, uid: name, resourceVersion: "1" } };
  });
  return [...kept, ...created];
}

function plan(pods: readonly Pod[], slices: readonly EndpointSlice[] = [], of = service()): SlicePlan {
  return planSlices(of, { pods, slices, nodeOf });
}

const counts = ({ create, update, remove }: SlicePlan) => [create.length, update.length, remove.length];
const sizes = (slices: readonly EndpointSlice[]) => slices.map(({ endpoints }) => endpoints?.length);
const pods = (count: number, first = 0) => Array.from({ length: count }, (_, position) => pod(first + position));

test("a pod becomes an endpoint with its conditions, node and zone", () => {
  const { create } = plan([pod(1)]);
  assert.deepEqual(create, [
    {
      metadata: {
        generateName: "web-",
        namespace: "default",
        labels: {
          "kubernetes.io/service-name": "web",
          "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        },
        ownerReferences: [
          { apiVersion: "v1", kind: "Service", name: "web", uid: "s1", controller: true, blockOwnerDeletion: true },
        ],
      },
      addressType: "IPv4",
      endpoints: [
        {
          addresses: ["10.0.0.1"],
          conditions: { ready: true, serving: true, terminating: false },
          targetRef: { kind: "Pod", namespace: "default", name: "web-1", uid: "p1" },
          nodeName: "n1",
          zone: "a",
        },
      ],
      ports: [{ name: "http", port: 8080, protocol: "TCP" }],
    },
  ]);
});

test("nothing changes where all is as it should be", () => {
  const wanted = pods(250);
  const slices = carryOut([], plan(wanted));
  assert.deepEqual(sizes(slices), [100, 100, 50]);
  assert.deepEqual(counts(plan(wanted, slices)), [0, 0, 0]);
});

test("new endpoints go into the slice they fit best", () => {
  const slices = carryOut([], plan(pods(150)));
  const grown = plan(pods(190), slices);
  assert.deepEqual(counts(grown), [0, 1, 0]);
  assert.deepEqual(sizes(grown.update), [90]);
});

test("slices that change anyway are filled before others are touched", () => {
  const slices = carryOut([], plan(pods(200)));
  const swapped = [...pods(1, 500), ...pods(199, 1)];
  const changed = plan(swapped, slices);
  assert.deepEqual(counts(changed), [0, 1, 0]);
  assert.deepEqual(sizes(changed.update), [100]);
});

test("a slice without endpoints goes; the last one stays as a placeholder", () => {
  const slices = carryOut([], plan(pods(150)));
  assert.deepEqual(counts(plan(pods(100), slices)), [0, 0, 1]);
  const empty = plan([], slices);
  assert.deepEqual(counts(empty), [0, 1, 1]);
  assert.deepEqual(empty.update[0]?.ports, []);
  const placeholder = carryOut(slices, empty);
  assert.deepEqual(counts(plan([], placeholder)), [0, 0, 0]);
  assert.deepEqual(counts(plan(pods(1), placeholder)), [0, 1, 0]);
});

test("pods with other ports get slices of their own", () => {
  const named = service({ ports: [{ port: 80, targetPort: "web", protocol: "TCP" }] });
  const listening = (position: number, containerPort: number) =>
    pod(position, {
      spec: { nodeName: "n1", containers: [{ name: "c", ports: [{ name: "web", containerPort, protocol: "TCP" }] }] },
    });
  const { create } = plan([listening(1, 80), listening(2, 81), listening(3, 80)], [], named);
  assert.deepEqual(
    create.map(({ ports, endpoints }) => [ports?.[0]?.port, endpoints?.length]),
    [
      [80, 2],
      [81, 1],
    ],
  );
});

test("a pod on its way out serves but is not ready; one that has ended is no endpoint", () => {
  const terminating = pod(1, {
    metadata: { name: "web-1", namespace: "default", deletionTimestamp: "2026-01-01T00:00:00Z" },
  });
  const ended = pod(2, { status: { phase: "Succeeded", podIPs: [{ ip: "10.0.0.2" }], podIP: "10.0.0.2" } });
  const { create } = plan([terminating, ended]);
  assert.deepEqual(
    create[0]?.endpoints?.map(({ conditions }) => conditions),
    [{ ready: false, serving: true, terminating: true }],
  );
});

test("pods of missing nodes are left out, unless what is not ready is published too", () => {
  const lost = pod(1, { spec: { nodeName: "gone", containers: [] } });
  const left = plan([lost, pod(2)]);
  assert.deepEqual(left.onMissingNodes, [lost]);
  assert.deepEqual(sizes(left.create), [1]);
  const published = plan([lost], [], service({ publishNotReadyAddresses: true }));
  assert.deepEqual([published.onMissingNodes.length, sizes(published.create)], [0, [1]]);
});

test("changed labels of the service are mirrored, reserved ones are not", () => {
  const slices = carryOut([], plan(pods(1)));
  const labelled = service({}, { team: "a", "kubernetes.io/service-name": "other" });
  const changed = plan(pods(1), slices, labelled);
  assert.deepEqual(counts(changed), [0, 1, 0]);
  assert.equal(changed.update[0]?.metadata.labels?.["team"], "a");
  assert.equal(changed.update[0]?.metadata.labels?.["kubernetes.io/service-name"], "web");
});

test("slices of another family, and of an older service of that name, go", () => {
  const slices = carryOut([], plan(pods(1)));
  const six = plan(pods(1), slices, service({ ipFamilies: ["IPv6"] }));
  assert.deepEqual(six.remove, slices);
  assert.equal(six.create[0]?.addressType, "IPv6");
  const later = { ...service(), metadata: { ...service().metadata, uid: "s2" } };
  assert.deepEqual(counts(plan(pods(1), slices, later)), [1, 0, 1]);
});

test("traffic distribution puts hints on ready endpoints and takes them away again", () => {
  const slices = carryOut([], plan(pods(1)));
  const near = plan(pods(1), slices, service({ trafficDistribution: "PreferSameNode" }));
  assert.deepEqual(near.update[0]?.endpoints?.[0]?.hints, { forNodes: [{ name: "n1" }], forZones: [{ name: "a" }] });
  const hinted = carryOut(slices, near);
  assert.deepEqual(counts(plan(pods(1), hinted, service({ trafficDistribution: "PreferSameNode" }))), [0, 0, 0]);
  const off = plan(pods(1), hinted);
  assert.equal(off.update[0]?.endpoints?.[0]?.hints, undefined);
});

test("a headless service says so, and gives its pods hostnames", () => {
  const named = pod(1, { spec: { nodeName: "n1", hostname: "first", subdomain: "web", containers: [] } });
  const { create } = plan([named], [], service({ clusterIP: "None" }));
  assert.equal(create[0]?.metadata.labels?.["service.kubernetes.io/headless"], "");
  assert.equal(create[0]?.endpoints?.[0]?.hostname, "first");
});
