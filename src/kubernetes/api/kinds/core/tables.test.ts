import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeKind, definitionOf, type Input, testTime } from "../testing/kind-rows.ts";
import { validatePodBinding } from "./binding.ts";

type Row = readonly [name: string, kind: string, input: Input, cells: readonly unknown[]];

const meta = { name: "x", creationTimestamp: "2026-01-02T03:00:00Z" };
const rows: readonly Row[] = [
  ["config maps count their keys", "ConfigMap", { data: { a: "" }, binaryData: { b: "" } }, ["x", 2, "4m5s"]],
  ["secrets count theirs", "Secret", { stringData: { a: "" } }, ["x", "Opaque", 1, "4m5s"]],
  ["namespaces have a phase", "Namespace", {}, ["x", "Active", "4m5s"]],
  [
    "endpoints show three",
    "Endpoints",
    { subsets: [{ addresses: ["1", "2", "3", "4"].map((n) => ({ ip: `10.0.0.${n}` })), ports: [{ port: 80 }] }] },
    ["x", "10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 1 more...", "4m5s"],
  ],
  [
    "nodes have roles and addresses",
    "Node",
    {
      metadata: { ...meta, labels: { "node-role.kubernetes.io/b": "", "kubernetes.io/role": "a" } },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: "Ready", status: "True" }],
        addresses: [{ type: "InternalIP", address: "1.2.3.4" }],
        nodeInfo: { kubeletVersion: "v1.36.2", osImage: "Debian", kernelVersion: "6.1", architecture: "amd64" },
      },
    },
    [
      "x",
      "Ready,SchedulingDisabled",
      "a,b",
      "4m5s",
      "v1.36.2",
      "1.2.3.4",
      "<none>",
      "Debian",
      "6.1 (amd64)",
      "<unknown>",
    ],
  ],
  [
    "services have ports and places",
    "Service",
    {
      spec: {
        type: "LoadBalancer",
        clusterIPs: ["10.0.0.1"],
        ports: [{ port: 80, nodePort: 30080 }],
        selector: { a: "b" },
      },
      status: { loadBalancer: { ingress: [{ hostname: "lb" }, { ip: "1.2.3.4" }] } },
    },
    ["x", "LoadBalancer", "10.0.0.1", "1.2.3.4,lb", "80:30080/TCP", "4m5s", "a=b"],
  ],
  [
    "services wait for a place",
    "Service",
    { spec: { type: "LoadBalancer" } },
    ["x", "LoadBalancer", "<none>", "<pending>", "<none>", "4m5s", "<none>"],
  ],
  [
    "volumes have a claim",
    "PersistentVolume",
    {
      spec: {
        capacity: { storage: "1024Mi" },
        accessModes: ["ReadWriteOnce"],
        claimRef: { namespace: "n", name: "c" },
      },
    },
    ["x", "1Gi", "RWO", "Retain", "Pending", "n/c", "", "<unset>", "", "4m5s", "Filesystem"],
  ],
  [
    "claims have the size of their volume",
    "PersistentVolumeClaim",
    {
      spec: { volumeName: "v", storageClassName: "s", accessModes: ["ReadWriteOnce"] },
      status: { phase: "Bound", capacity: { storage: "2Gi" }, accessModes: ["ReadWriteMany"] },
    },
    ["x", "Bound", "v", "2Gi", "RWX", "s", "<unset>", "4m5s", "Filesystem"],
  ],
  [
    "replication controllers count",
    "ReplicationController",
    {
      spec: {
        replicas: 3,
        template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
      },
      status: { replicas: 2, readyReplicas: 1 },
    },
    ["x", 3, 2, 1, "4m5s", "c", "i", "a=b"],
  ],
  [
    "events say when, what and by whom",
    "Event",
    {
      involvedObject: { kind: "Pod", name: "p", fieldPath: "spec" },
      type: "Normal",
      reason: "Started",
      message: " ok ",
      source: { component: "kubelet", host: "n" },
      firstTimestamp: "2026-01-02T03:00:00Z",
      lastTimestamp: "2026-01-02T03:04:00Z",
      count: 5,
    },
    ["5s", "Normal", "Started", "pod/p", "spec", "kubelet, n", "ok", "4m5s", 5, "x"],
  ],
];
for (const [name, kind, input, cells] of rows) {
  test(`tableCells: ${name}`, () => {
    const object = decodeKind(kind, { metadata: meta, ...input });
    assert.deepEqual(definitionOf(kind).tableCells!(object, testTime).cells, cells);
  });
}

type FieldRow = readonly [kind: string, field: string, input: Input, value: string];
const fieldRows: readonly FieldRow[] = [
  ["Pod", "spec.hostNetwork", { spec: { hostNetwork: true, containers: [] } }, "true"],
  ["Pod", "spec.host", { spec: { nodeName: "n", containers: [] } }, "n"],
  ["Pod", "status.podIP", { spec: { containers: [] }, status: { podIP: "10.1.1.1" } }, "10.1.1.1"],
  ["Node", "spec.unschedulable", {}, "false"],
  ["Namespace", "status.phase", {}, "Active"],
  ["Secret", "type", {}, "Opaque"],
  ["Service", "spec.type", {}, "ClusterIP"],
  ["ReplicationController", "status.replicas", {}, "0"],
  ["Event", "source", { reportingComponent: "a" }, "a"],
];
for (const [kind, field, input, value] of fieldRows) {
  test(`selectableFields: ${kind} by ${field}`, () => {
    assert.equal(definitionOf(kind).selectableFields![field]!(decodeKind(kind, input)), value);
  });
}

test("validatePodBinding: binds to nodes", () => {
  assert.deepEqual(validatePodBinding({ metadata: { name: "p" }, target: { kind: "Node", name: "n" } }), []);
  const errors = validatePodBinding({ metadata: { name: "p" }, target: { kind: "Pod", name: "" } });
  assert.deepEqual(
    errors.map(({ field, body }) => `${field}: ${body}`),
    ['target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"', "target.name: Required value"],
  );
});
