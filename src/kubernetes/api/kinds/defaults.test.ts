import assert from "node:assert/strict";
import { test } from "node:test";
import { setDefaults } from "./defaults.ts";
import { decodeKind, type Input } from "./testing/kind-rows.ts";

/** A kind, what is sent, and parts of what comes out of it, by path. */
type Row = readonly [name: string, kind: string, input: Input, parts: Readonly<Record<string, unknown>>];

const container = { name: "c", image: "i" };

const rows: readonly Row[] = [
  [
    "pods: policies, names and security contexts are written out",
    "Pod",
    { spec: { containers: [container] } },
    {
      "spec.restartPolicy": "Always",
      "spec.dnsPolicy": "ClusterFirst",
      "spec.terminationGracePeriodSeconds": 30,
      "spec.schedulerName": "default-scheduler",
      "spec.securityContext": {},
      "spec.enableServiceLinks": true,
      "spec.containers.0.terminationMessagePath": "/dev/termination-log",
      "spec.containers.0.terminationMessagePolicy": "File",
      "spec.containers.0.resources": {},
    },
  ],
  [
    "pods: images without a fixed tag are always pulled",
    "Pod",
    { spec: { containers: [container, { name: "d", image: "h:5000/i:1" }, { name: "e", image: "i:latest" }] } },
    {
      "spec.containers.0.imagePullPolicy": "Always",
      "spec.containers.1.imagePullPolicy": "IfNotPresent",
      "spec.containers.2.imagePullPolicy": "Always",
    },
  ],
  [
    "pods: what is limited is requested",
    "Pod",
    {
      spec: {
        containers: [{ ...container, resources: { limits: { cpu: "2", memory: "1Gi" }, requests: { cpu: "1" } } }],
      },
    },
    { "spec.containers.0.resources.requests": { cpu: "1", memory: "1Gi" } },
  ],
  [
    "pods: resources of the pod as a whole are those of its containers where it has some",
    "Pod",
    {
      spec: {
        resources: { limits: { memory: "2Gi" } },
        containers: [{ ...container, resources: { requests: { cpu: "250m" } } }],
      },
    },
    { "spec.resources.requests": { cpu: "250m", memory: "2Gi" } },
  ],
  [
    "pods: on the host's network ports are host ports",
    "Pod",
    { spec: { hostNetwork: true, containers: [{ ...container, ports: [{ containerPort: 80 }] }] } },
    { "spec.containers.0.ports.0": { containerPort: 80, hostPort: 80, protocol: "TCP" } },
  ],
  [
    "pods: probes and handlers",
    "Pod",
    {
      spec: {
        containers: [{ ...container, livenessProbe: { httpGet: { port: 80 } }, readinessProbe: { grpc: { port: 5 } } }],
      },
    },
    {
      "spec.containers.0.livenessProbe": {
        httpGet: { path: "/", port: 80, scheme: "HTTP" },
        timeoutSeconds: 1,
        periodSeconds: 10,
        successThreshold: 1,
        failureThreshold: 3,
      },
      "spec.containers.0.readinessProbe.grpc": { port: 5, service: "" },
    },
  ],
  [
    "pods: either name of the service account, a grace period below zero, the first address",
    "Pod",
    {
      spec: { containers: [container], serviceAccount: "a", terminationGracePeriodSeconds: -5 },
      status: { podIP: "10.1.1.1" },
    },
    {
      "spec.serviceAccountName": "a",
      "spec.terminationGracePeriodSeconds": 1,
      "status.podIPs": [{ ip: "10.1.1.1" }],
    },
  ],
  [
    "pods: volumes",
    "Pod",
    {
      spec: {
        containers: [container],
        volumes: [
          { name: "a" },
          { name: "b", secret: { secretName: "s" } },
          { name: "c", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } },
          { name: "d", hostPath: { path: "/a" } },
        ],
      },
    },
    {
      "spec.volumes.0": { name: "a", emptyDir: {} },
      "spec.volumes.1.secret.defaultMode": 420,
      "spec.volumes.2.projected.sources.0.serviceAccountToken.expirationSeconds": 3600,
      "spec.volumes.3.hostPath.type": "",
    },
  ],
  [
    "services: types, protocols, target ports, policies",
    "Service",
    { spec: { type: "LoadBalancer", ports: [{ port: 80 }], sessionAffinity: "ClientIP" } },
    {
      "spec.ports.0": { port: 80, protocol: "TCP", targetPort: 80 },
      "spec.sessionAffinityConfig.clientIP.timeoutSeconds": 10800,
      "spec.externalTrafficPolicy": "Cluster",
      "spec.internalTrafficPolicy": "Cluster",
      "spec.allocateLoadBalancerNodePorts": true,
    },
  ],
  [
    "services: a mere name has no policies",
    "Service",
    { spec: { type: "ExternalName", externalName: "a.b" } },
    { "spec.internalTrafficPolicy": undefined, "spec.sessionAffinity": "None" },
  ],
  [
    "secrets: text becomes data",
    "Secret",
    { data: { a: "YQ==", b: "YQ==" }, stringData: { b: "é" } },
    { data: { a: "YQ==", b: "w6k=" }, stringData: undefined, type: "Opaque" },
  ],
  [
    "namespaces: carry their name as a label",
    "Namespace",
    { metadata: { name: "a" } },
    { "metadata.labels": { "kubernetes.io/metadata.name": "a" }, "status.phase": "Active", spec: {} },
  ],
  [
    "nodes: all there is may be used, the first range is known twice",
    "Node",
    { spec: { podCIDR: "10.1.0.0/24" }, status: { capacity: { cpu: "1" } } },
    { "status.allocatable": { cpu: "1" }, "spec.podCIDRs": ["10.1.0.0/24"] },
  ],
  [
    "volumes and claims: modes and phases",
    "PersistentVolume",
    { spec: { iscsi: { targetPortal: "a", iqn: "b", lun: 0 } } },
    {
      "status.phase": "Pending",
      "spec.volumeMode": "Filesystem",
      "spec.persistentVolumeReclaimPolicy": "Retain",
      "spec.iscsi.iscsiInterface": "default",
    },
  ],
  [
    "claims: modes and phases",
    "PersistentVolumeClaim",
    { spec: { resources: { requests: { storage: "0.5" } } } },
    { "status.phase": "Pending", "spec.volumeMode": "Filesystem", "spec.resources.requests.storage": "500m" },
  ],
  [
    "replication controllers: select and are called after their template",
    "ReplicationController",
    { spec: { template: { metadata: { labels: { a: "b" } }, spec: { containers: [container] } } } },
    {
      "spec.selector": { a: "b" },
      "metadata.labels": { a: "b" },
      "spec.replicas": 1,
      "spec.template.spec.dnsPolicy": "ClusterFirst",
      "spec.template.spec.enableServiceLinks": undefined,
    },
  ],
  [
    "limit ranges: a default is the most, a request the default or the least",
    "LimitRange",
    { spec: { limits: [{ type: "Container", max: { cpu: "2" }, min: { memory: "1Gi" } }] } },
    { "spec.limits.0.default": { cpu: "2" }, "spec.limits.0.defaultRequest": { cpu: "2", memory: "1Gi" } },
  ],
  [
    "endpoints: ports have a protocol",
    "Endpoints",
    { subsets: [{ addresses: [{ ip: "1.2.3.4" }], ports: [{ port: 80 }] }] },
    { "subsets.0.ports.0.protocol": "TCP" },
  ],
];

for (const [name, kind, input, parts] of rows) {
  test(`setDefaults: ${name}`, () => {
    const object = decodeKind(kind, input);
    for (const [path, value] of Object.entries(parts)) assert.deepEqual(partOf(object, path), value, path);
  });
}

for (const [name, kind, input] of rows) {
  test(`setDefaults: leaves what it has made: ${name}`, () => {
    const once = decodeKind(kind, input);
    const twice = structuredClone(once);
    setDefaults(twice);
    assert.deepEqual(twice, once);
  });
}

test("setDefaults: leaves kinds it does not know", () => {
  const object = { apiVersion: "example.com/v1", kind: "Thing", metadata: {}, spec: { a: "" } };
  setDefaults(object);
  assert.deepEqual(object.spec, { a: "" });
});

function partOf(object: unknown, path: string): unknown {
  return path.split(".").reduce((part, key) => (part as Record<string, unknown> | undefined)?.[key], object);
}
