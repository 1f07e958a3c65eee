// How fast bodies are read and written: `node bench/codec.ts`. Prints the time of one operation, the best of several rounds, since
// what disturbs a round only makes it longer.

import {
  canonicalizeQuantity,
  decode,
  decodeCbor,
  decodeMessage,
  decodeObject,
  encodeCbor,
  encodeEnvelope,
  encodeJson,
  formatYaml,
  type ObjectSchema,
  openEnvelope,
  parseJson,
  parseSelector,
  parseYamlBody,
  quantityMilliValue,
  schemaOfKind,
  selectorOf,
} from "#kubernetes/api";

const kind = { group: "", version: "v1", kind: "Pod" };
const schema = schemaOfKind("", "v1", "Pod") as ObjectSchema;
const pod = makePod();
const json = Buffer.from(encodeJson(pod));
const sorted = Buffer.from(encodeJson(sortKeys(pod)));
const protobuf = encodeEnvelope(schema, kind, pod);
const cbor = encodeCbor(pod);
const yaml = formatYaml(pod);
const selector = parseSelector("app=web,tier in (a,b),!old");
const labels = { app: "web", tier: "b", "pod-template-hash": "5d4f8c7b9" };

console.log(
  `Pod: JSON ${json.length}, protobuf ${protobuf.length}, CBOR ${cbor.length}, YAML ${yaml.length} bytes; node ${process.version}`,
);
measure("JSON.parse", () => JSON.parse(json.toString()));
measure("parseJson: with the search for duplicates", () => parseJson(json));
measureEach(
  "decode: fields in the schema's order",
  () => JSON.parse(json.toString()),
  (value) => decode(schema, value),
);
measureEach(
  "decode: fields sorted, as kubectl sends them",
  () => JSON.parse(sorted.toString()),
  (value) => decode(schema, value),
);
const options = { expected: kind, fieldValidation: "Warn" } as const;
measure("decodeObject: JSON, all of it", () => decodeObject(sorted, options));
measure("decodeObject: protobuf", () => decodeObject(protobuf, { ...options, contentType: protobufType() }));
measure("encodeJson", () => encodeJson(pod));
measure("protobuf: encode", () => encodeEnvelope(schema, kind, pod));
measure("protobuf: decode", () => decodeMessage(schema, openEnvelope(protobuf).raw));
measure("CBOR: encode", () => encodeCbor(pod));
measure("CBOR: decode", () => decodeCbor(cbor));
measure("YAML: parse", () => parseYamlBody(yaml));
measure("YAML: parse what is JSON", () => parseYamlBody(json));
measure("YAML: format", () => formatYaml(pod));
measure("parseSelector", () => parseSelector("app=web,tier in (a,b),!old"));
measure("selectorOf", () => selectorOf({ matchLabels: { app: "web" } }));
measure("Selector.matches", () => selector.matches(labels));
measure("canonicalizeQuantity", () => canonicalizeQuantity("1.5Gi"));
measure("quantityMilliValue", () => quantityMilliValue("250m"));

function protobufType(): string {
  return "application/vnd.kubernetes.protobuf";
}

function measure(name: string, run: () => unknown): void {
  measureEach(name, () => undefined, run);
}

/** Times `run` alone, on inputs made beforehand. */
function measureEach<T>(name: string, prepare: () => T, run: (input: T) => unknown): void {
  const roundMs = 40;
  let best = Number.POSITIVE_INFINITY;
  let count = 50;
  for (let round = 0; round < 12; round++) {
    const inputs = Array.from({ length: count }, prepare);
    const start = performance.now();
    for (const input of inputs) run(input);
    const spent = performance.now() - start;
    best = Math.min(best, spent / count);
    count = Math.min(Math.max(Math.round((roundMs * count) / Math.max(spent, 0.01)), 10), 100_000);
  }
  console.log(`${(best * 1000).toFixed(2).padStart(9)} µs  ${name}`);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]));
}

/** About 4 KB, with what a Pod usually has. */
function makePod(): object {
  const container = (name: string) => ({
    name,
    image: `registry.example/team/${name}:1.2.3`,
    args: ["--listen=:8080", "--log-level=info"],
    ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
    env: Array.from({ length: 6 }, (_, index) => ({ name: `SETTING_${index}`, value: `value ${index}` })),
    resources: { limits: { cpu: "500m", memory: "256Mi" }, requests: { cpu: "100m", memory: "128Mi" } },
    volumeMounts: [{ name: "config", readOnly: true, mountPath: "/etc/config" }],
    livenessProbe: { httpGet: { path: "/healthz", port: "http", scheme: "HTTP" }, periodSeconds: 10 },
    readinessProbe: { httpGet: { path: "/readyz", port: 8080 }, failureThreshold: 3 },
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: "IfNotPresent",
    securityContext: { capabilities: { drop: ["ALL"] }, runAsNonRoot: true, allowPrivilegeEscalation: false },
  });
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "web-5d4f8c7b9-x2x7p",
      namespace: "shop",
      uid: "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0",
      resourceVersion: "123456",
      creationTimestamp: "2026-01-02T15:04:05Z",
      labels: { app: "web", tier: "b", "pod-template-hash": "5d4f8c7b9" },
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5d4f8c7b9", uid: "1", controller: true },
      ],
    },
    spec: {
      volumes: [
        { name: "config", configMap: { name: "web", defaultMode: 420 } },
        { name: "cache", emptyDir: { sizeLimit: "1Gi" } },
      ],
      containers: [container("web"), container("proxy")],
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      dnsPolicy: "ClusterFirst",
      serviceAccountName: "web",
      nodeName: "worker-3",
      tolerations: [
        { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
      ],
    },
    status: {
      phase: "Running",
      conditions: ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map((type) => ({
        type,
        status: "True",
        lastTransitionTime: "2026-01-02T15:04:09Z",
      })),
      podIP: "10.244.3.17",
      startTime: "2026-01-02T15:04:05Z",
    },
  };
}
