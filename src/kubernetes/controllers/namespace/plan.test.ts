import assert from "node:assert/strict";
import { test } from "node:test";
import { type Namespace, type Pod, resources } from "#kubernetes/api";
import { estimatePodTermination, type Findings, planConditions } from "./plan.ts";

const now = "2026-01-01T00:00:00Z";
const clean: Findings = { contentErrors: [], remainders: [], estimateSeconds: 0 };
const namespace = (conditions?: NonNullable<Namespace["status"]>["conditions"]): Namespace => ({
  metadata: { name: "a" },
  status: { phase: "Terminating", ...(conditions && { conditions }) },
});

test("planConditions: all is well", () => {
  const conditions = planConditions(namespace(), clean, now);
  assert.deepEqual(
    conditions?.map(({ type, status, reason }) => [type, status, reason]),
    [
      ["NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered"],
      ["NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions"],
      ["NamespaceDeletionContentFailure", "False", "ContentDeleted"],
      ["NamespaceContentRemaining", "False", "ContentRemoved"],
      ["NamespaceFinalizersRemaining", "False", "ContentHasNoFinalizers"],
    ],
  );
});

test("planConditions: nothing to change answers undefined", () => {
  const conditions = planConditions(namespace(), clean, now);
  assert.equal(planConditions(namespace(conditions), clean, "2027-01-01T00:00:00Z"), undefined);
});

test("planConditions: says what remains, why, and since when", () => {
  const before = planConditions(namespace(), clean, now);
  const findings: Findings = {
    discoveryError: "no answer",
    contentErrors: ["second", "first"],
    estimateSeconds: 15,
    remainders: [
      { resource: resources.deployments as never, count: 2, finalizers: { "x/y": 2 }, estimateSeconds: 15 },
      { resource: resources.configMaps as never, count: 1, finalizers: { "x/y": 1, z: 1 }, estimateSeconds: 15 },
    ],
  };
  const conditions = planConditions(namespace(before), findings, "2026-01-01T00:01:00Z");
  assert.deepEqual(
    conditions?.map(({ status, reason, message, lastTransitionTime }) => [status, reason, message, lastTransitionTime]),
    [
      ["True", "DiscoveryFailed", "no answer", "2026-01-01T00:01:00Z"],
      ["False", "ParsedGroupVersions", "All legacy kube types successfully parsed", now],
      [
        "True",
        "ContentDeletionFailed",
        "Failed to delete all resource types, 2 remaining: first, second",
        "2026-01-01T00:01:00Z",
      ],
      [
        "True",
        "SomeResourcesRemain",
        "Some resources are remaining: configmaps. has 1 resource instances, deployments.apps has 2 resource instances",
        "2026-01-01T00:01:00Z",
      ],
      [
        "True",
        "SomeFinalizersRemain",
        "Some content in the namespace has finalizers remaining: x/y in 3 resource instances, z in 1 resource instances",
        "2026-01-01T00:01:00Z",
      ],
    ],
  );
});

test("estimatePodTermination: the longest grace of pods that still run, until it is over", () => {
  const pod = (grace: number, phase: string): Pod => ({
    metadata: {},
    spec: { containers: [], terminationGracePeriodSeconds: grace },
    status: { phase },
  });
  const pods = [pod(30, "Running"), pod(60, "Pending"), pod(600, "Succeeded"), pod(600, "Failed")];
  const deletedAt = Date.parse(now);
  assert.equal(estimatePodTermination(pods, now, deletedAt + 1000), 60);
  assert.equal(estimatePodTermination(pods, now, deletedAt + 60_000), 0);
  assert.equal(estimatePodTermination([], now, deletedAt), 0);
});
