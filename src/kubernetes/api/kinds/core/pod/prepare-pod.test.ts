import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeKind, testTime } from "../../testing/kind-rows.ts";
import type { DecodedPod } from "./decoded-pod.ts";
import { prepareEphemeralContainersUpdate } from "./ephemeral-containers.ts";
import { evictionCondition, findCondition, setCondition } from "./pod-conditions.ts";
import { preparePodForCreate, preparePodForStatusUpdate, preparePodForUpdate } from "./prepare-pod.ts";
import { qualityOfService } from "./quality-of-service.ts";
import { prepareResize } from "./resize.ts";

const container = { name: "c", image: "i" };

function decodePod(spec: object, more: object = {}): DecodedPod {
  return decodeKind<DecodedPod>("Pod", {
    metadata: { name: "p" },
    spec: { containers: [container], ...spec },
    ...more,
  });
}

function created(spec: object, more: object = {}): DecodedPod {
  const pod = decodePod(spec, more);
  preparePodForCreate(pod, testTime);
  return pod;
}

test("preparePodForCreate: starts with a status of its own", () => {
  const pod = created({}, { status: { phase: "Running", podIP: "10.1.1.1" } });
  assert.deepEqual(pod.status, { phase: "Pending", qosClass: "BestEffort" });
});

test("preparePodForCreate: says why a gated pod is not scheduled", () => {
  const { status } = created({ schedulingGates: [{ name: "a" }] });
  assert.deepEqual(status.conditions, [
    {
      type: "PodScheduled",
      status: "False",
      reason: "SchedulingGated",
      message: "Scheduling is blocked due to non-empty scheduling gates",
      lastProbeTime: null,
      lastTransitionTime: "2026-01-02T03:04:05Z",
    },
  ]);
});

test("preparePodForCreate: selectors get the values the pod's labels have", () => {
  const term = { topologyKey: "zone", labelSelector: {}, matchLabelKeys: ["a", "x"], mismatchLabelKeys: ["b"] };
  const constraint = { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" };
  const pod = created(
    {
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
      topologySpreadConstraints: [{ ...constraint, labelSelector: {}, matchLabelKeys: ["a"] }],
    },
    { metadata: { labels: { a: "1", b: "2" } } },
  );
  const [required] = pod.spec.affinity!.podAntiAffinity!.requiredDuringSchedulingIgnoredDuringExecution!;
  const matches = { key: "a", operator: "In", values: ["1"] };
  assert.deepEqual(required!.labelSelector, {
    matchExpressions: [matches, { key: "b", operator: "NotIn", values: ["2"] }],
  });
  assert.deepEqual(pod.spec.topologySpreadConstraints![0]!.labelSelector, { matchExpressions: [matches] });
});

test("preparePodForCreate: an AppArmor annotation becomes a field, where the pod has not the same", () => {
  const annotations = {
    "container.apparmor.security.beta.kubernetes.io/c": "localhost/a",
    "container.apparmor.security.beta.kubernetes.io/d": "unconfined",
  };
  const spec = {
    securityContext: { appArmorProfile: { type: "Unconfined" } },
    containers: [container, { name: "d", image: "i" }],
  };
  const [first, second] = created(spec, { metadata: { annotations } }).spec.containers;
  assert.deepEqual(first!.securityContext, { appArmorProfile: { type: "Localhost", localhostProfile: "a" } });
  assert.equal(second!.securityContext, undefined);
});

test("preparePodForCreate: drops fields that are switched off", () => {
  const pod = created({
    schedulingGroup: { podGroupName: "g" },
    containers: [{ ...container, lifecycle: { stopSignal: "SIGUSR1" } }],
  });
  assert.equal(pod.spec.schedulingGroup, undefined);
  assert.equal(pod.spec.containers[0]!.lifecycle, undefined);
});

test("preparePodForUpdate: keeps the status", () => {
  const old = decodePod({}, { status: { phase: "Running" } });
  const pod = decodePod({}, { status: { phase: "Failed" } });
  preparePodForUpdate(pod, old);
  assert.equal(pod.status, old.status);
});

test("preparePodForStatusUpdate: keeps the spec, the owners and what old kubelets do not know", () => {
  const conditions = [{ type: "Ready", status: "True", observedGeneration: 2 }];
  const old = decodePod({}, { status: { qosClass: "Burstable", observedGeneration: 3, conditions } });
  old.metadata.ownerReferences = [{ apiVersion: "v1", kind: "X", name: "x", uid: "u" }];
  const pod = decodePod({ nodeName: "other" }, { status: { conditions: [{ type: "Ready", status: "False" }] } });
  preparePodForStatusUpdate(pod, old);
  assert.equal(pod.spec, old.spec);
  assert.deepEqual(pod.metadata.ownerReferences, old.metadata.ownerReferences);
  assert.equal(pod.status.qosClass, "Burstable");
  assert.equal(pod.status.observedGeneration, 3);
  assert.equal(pod.status.conditions![0]!.observedGeneration, 2);
});

test("prepareEphemeralContainersUpdate: takes over just those, and counts the generation", () => {
  const old = decodePod({ nodeName: "n" }, { metadata: { name: "p", generation: 4, labels: { a: "b" } } });
  const pod = decodePod({ nodeName: "m", ephemeralContainers: [{ name: "e", image: "i" }] });
  prepareEphemeralContainersUpdate(pod, old);
  assert.equal(pod.spec.nodeName, "n");
  assert.equal(pod.spec.ephemeralContainers!.length, 1);
  assert.deepEqual(pod.metadata.labels, { a: "b" });
  assert.equal(pod.metadata.generation, 5);
});

test("prepareResize: takes over just resources and how they are resized", () => {
  const old = decodePod({ containers: [{ ...container, args: ["a"], resources: { requests: { cpu: "1" } } }] });
  const pod = decodePod({ containers: [{ ...container, args: ["b"], resources: { requests: { cpu: "2" } } }] });
  prepareResize(pod, old);
  assert.deepEqual(pod.spec.containers[0]!.args, ["a"]);
  assert.deepEqual(pod.spec.containers[0]!.resources, { requests: { cpu: "2" } });
  assert.equal(pod.metadata.generation, 1);
});

const classes: readonly (readonly [name: string, spec: object, qos: string])[] = [
  ["nothing is asked for", {}, "BestEffort"],
  ["something is", { containers: [{ ...container, resources: { requests: { cpu: "1" } } }] }, "Burstable"],
  [
    "all is limited to what is requested",
    { containers: [{ ...container, resources: { limits: { cpu: "1", memory: "1Gi" } } }] },
    "Guaranteed",
  ],
  [
    "not in every container",
    {
      containers: [
        { ...container, resources: { limits: { cpu: "1", memory: "1Gi" } } },
        { name: "d", image: "i" },
      ],
    },
    "Burstable",
  ],
  ["the pod as a whole is", { resources: { limits: { cpu: "1", memory: "1Gi" } } }, "Guaranteed"],
  [
    "other resources do not count",
    { containers: [{ ...container, resources: { limits: { "a.b/c": "1" } } }] },
    "BestEffort",
  ],
];
for (const [name, spec, qos] of classes) {
  test(`qualityOfService: ${name}: ${qos}`, () => assert.equal(qualityOfService(decodePod(spec).spec), qos));
}

test("setCondition: changes the time only with the status", () => {
  const status: DecodedPod["status"] = {};
  setCondition(status, evictionCondition, testTime);
  setCondition(status, { ...evictionCondition, reason: "Other" }, testTime + 5000);
  assert.equal(findCondition(status, "DisruptionTarget")!.lastTransitionTime, "2026-01-02T03:04:05Z");
  assert.equal(findCondition(status, "DisruptionTarget")!.reason, "Other");
  setCondition(status, { ...evictionCondition, status: "False" }, testTime + 5000);
  assert.equal(findCondition(status, "DisruptionTarget")!.lastTransitionTime, "2026-01-02T03:04:10Z");
  assert.equal(status.conditions!.length, 1);
});
