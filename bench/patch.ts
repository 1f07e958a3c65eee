// How fast patches, managed fields and server-side apply are: `node --expose-gc bench/patch.ts`. Prints the time of one operation, the
// best of several rounds, since what disturbs a round only makes it longer.

import {
  applyJsonPatch,
  applyMergePatch,
  applyServerSide,
  applyStrategicMergePatch,
  type ObjectSchema,
  readJsonPatch,
  schemaOfKind,
  trackUpdate,
  type UnknownObject,
} from "#kubernetes/api";

const podSchema = schemaOf("", "v1", "Pod");
const deploymentSchema = schemaOf("apps", "v1", "Deployment");
const asPod = { apiVersion: "v1", schema: podSchema, now: "2026-01-01T00:00:00Z" };
const asDeployment = { apiVersion: "apps/v1", schema: deploymentSchema, now: "2026-01-01T00:00:00Z" };

const deployment = makeDeployment();
const newPod = makePod();
const livePod = makeLivePod();
const statusPatch = { status: { phase: "Failed", conditions: [{ type: "Ready", status: "False" }] } };
const patchedPod = applyStrategicMergePatch(livePod, statusPatch, podSchema) as unknown as UnknownObject;
const byKubelet = { ...asPod, manager: "kubelet", subresource: "status" };
const liveDeployment = trackUpdate(undefined, deployment, { ...asDeployment, manager: "kubectl-create" });
const configuration = makeConfiguration();
const request = { ...asDeployment, kind: "Deployment", manager: "ci", force: true };
const appliedDeployment = applyServerSide(liveDeployment, configuration, request);

console.log(
  `objects: Deployment ${sizeOf(deployment)}, new Pod ${sizeOf(newPod)}, running Pod ${sizeOf(livePod)} bytes of JSON`,
);
measure("trackUpdate: create a Deployment", () =>
  trackUpdate(undefined, deployment, { ...asDeployment, manager: "m" }),
);
measure("trackUpdate: create a Pod", () => trackUpdate(undefined, newPod, { ...asPod, manager: "m" }));
measure("trackUpdate: status patch of a running Pod", () => trackUpdate(livePod, patchedPod, byKubelet));
const decodedPod = structuredClone(patchedPod);
measure("trackUpdate: status PUT of it, nothing shared", () => trackUpdate(livePod, decodedPod, byKubelet));
const samePod = structuredClone(livePod);
measure("trackUpdate: PUT of it that changes nothing", () => trackUpdate(livePod, samePod, byKubelet));
measure("applyServerSide: create a Deployment", () => applyServerSide(undefined, configuration, request));
measure("applyServerSide: change one field", () =>
  applyServerSide(appliedDeployment, { ...configuration, spec: { replicas: 4 } } as UnknownObject, request),
);
measure("applyServerSide: the same again", () => applyServerSide(appliedDeployment, configuration, request));
measure("applyStrategicMergePatch: Pod status", () => applyStrategicMergePatch(livePod, statusPatch, podSchema));
measure("applyMergePatch: Pod status", () => applyMergePatch(livePod, statusPatch));
const operations = readJsonPatch([
  { op: "test", path: "/spec/containers/0/name", value: "app" },
  { op: "replace", path: "/status/phase", value: "Failed" },
]);
measure("applyJsonPatch: two operations", () => applyJsonPatch(livePod, operations));
measureShare();

/** What the fields of one pod among many alike weigh. */
function measureShare(): void {
  const pods: UnknownObject[] = [];
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < 20_000; index++) pods.push(trackUpdate(undefined, newPod, { ...asPod, manager: "m" }));
  globalThis.gc?.();
  const bytes = (process.memoryUsage().heapUsed - before) / pods.length;
  console.log(`${"memory of one more Pod like others, shared parts aside".padEnd(58)} ${bytes.toFixed(0)} bytes`);
}

function measure(what: string, operation: () => unknown): void {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 15; round++) {
    const start = process.hrtime.bigint();
    for (let run = 0; run < 2_000; run++) operation();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 2_000);
  }
  console.log(`${what.padEnd(58)} ${(best / 1000).toFixed(1)} µs`);
}

function makeDeployment(): UnknownObject {
  const labels = { app: "web", tier: "front" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default", labels, annotations: { note: "n".repeat(200) } },
    spec: {
      replicas: 3,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      selector: { matchLabels: labels },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
      template: { metadata: { labels }, spec: makePodSpec() },
    },
    status: {},
  };
}

function makePod(): UnknownObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: "web-",
      namespace: "default",
      labels: { app: "web", tier: "front", "pod-template-hash": "abc" },
    },
    spec: makePodSpec(),
    status: {},
  };
}

function makePodSpec(): object {
  const container = (name: string) => ({
    name,
    image: `registry.example/${name}:1.2.3`,
    imagePullPolicy: "IfNotPresent",
    args: ["serve", "--port=8080"],
    ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
    env: ["HOST", "PORT", "LEVEL"].map((key) => ({ name: key, value: "x" })),
    resources: { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "100m", memory: "128Mi" } },
    volumeMounts: [{ name: "data", mountPath: "/data" }],
    readinessProbe: { httpGet: { path: "/", port: 8080, scheme: "HTTP" }, periodSeconds: 10, timeoutSeconds: 1 },
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
  });
  return {
    containers: [container("app"), container("sidecar")],
    volumes: [{ name: "data", emptyDir: {} }],
    dnsPolicy: "ClusterFirst",
    restartPolicy: "Always",
    schedulerName: "default-scheduler",
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    tolerations: [
      { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
    ],
  };
}

/** A pod as it runs: written by a controller, the scheduler and the kubelet. */
function makeLivePod(): UnknownObject {
  const created = trackUpdate(undefined, newPod, { ...asPod, manager: "kube-controller-manager" });
  const stored: UnknownObject = {
    ...created,
    metadata: { ...created.metadata, name: "web-abc", uid: "4d1d2b6c-2f1f-4b1c-9a64-6f9f6f0f7c11" },
  };
  const condition = (type: string) => ({ type, status: "True", lastTransitionTime: asPod.now });
  const bound: UnknownObject = { ...stored, status: { phase: "Pending", conditions: [condition("PodScheduled")] } };
  const scheduled = trackUpdate(stored, bound, { ...asPod, manager: "kube-scheduler", subresource: "status" });
  const containerStatus = (name: string) => ({
    name,
    ready: true,
    restartCount: 0,
    image: `registry.example/${name}:1.2.3`,
    imageID: "sha256:4d1d2b6c2f1f",
    containerID: "containerd://4d1d2b6c2f1f",
    state: { running: { startedAt: asPod.now } },
  });
  const status = {
    phase: "Running",
    conditions: ["PodScheduled", "Initialized", "Ready", "ContainersReady"].map(condition),
    hostIP: "10.90.0.2",
    podIP: "10.244.0.7",
    podIPs: [{ ip: "10.244.0.7" }],
    startTime: asPod.now,
    containerStatuses: [containerStatus("app"), containerStatus("sidecar")],
  };
  return trackUpdate(scheduled, { ...scheduled, status }, { ...asPod, manager: "kubelet", subresource: "status" });
}

function makeConfiguration(): UnknownObject {
  const { status: _, ...configured } = deployment;
  return configured as UnknownObject;
}

function schemaOf(group: string, version: string, kind: string): ObjectSchema {
  const schema = schemaOfKind(group, version, kind);
  if (!schema) throw new Error(`Cannot measure: there is no kind ${kind}`);
  return schema;
}

function sizeOf(object: object): number {
  return Buffer.byteLength(JSON.stringify(object));
}
