import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod, ResourceQuota } from "../generated/types.ts";
import { quotaApplies, quotaEvaluatorOf } from "./evaluator.ts";

const pods = quotaEvaluatorOf("", "pods");
const pod = (spec: object, status: object = {}): Pod => ({
  metadata: { name: "a" },
  spec: { containers: [{ name: "c", resources: { requests: { cpu: "1" } } }], ...spec },
  status,
});

test("quotaEvaluatorOf: counts what it knows nothing else of", () => {
  const object = { metadata: { name: "a" } };
  assert.deepEqual(quotaEvaluatorOf("apps", "deployments").usage(object, 0), { "count/deployments.apps": "1" });
  assert.deepEqual(quotaEvaluatorOf("", "secrets").usage(object, 0), { "count/secrets": "1", secrets: "1" });
});

test("pods: use their requests until they end", () => {
  assert.deepEqual(pods.usage(pod({}), 0), { "count/pods": "1", pods: "1", cpu: "1", "requests.cpu": "1" });
  assert.deepEqual(pods.usage(pod({}, { phase: "Succeeded" }), 0), { "count/pods": "1" });
});

test("pods: a quota on memory demands that every container says how much", () => {
  assert.equal(pods.missing!(["limits.memory", "cpu"], pod({})), "must specify limits.memory for: c");
});

test("quotaApplies: looks at scopes", () => {
  const quota = (scope: string): ResourceQuota => ({
    metadata: {},
    spec: { scopes: [scope] },
    status: { hard: { pods: "1" } },
  });
  assert.equal(quotaApplies(quota("Terminating"), pods, pod({ activeDeadlineSeconds: 5 })), true);
  assert.equal(quotaApplies(quota("Terminating"), pods, pod({})), false);
  assert.equal(quotaApplies(quota("BestEffort"), pods, pod({ containers: [{ name: "c" }] })), true);
});
