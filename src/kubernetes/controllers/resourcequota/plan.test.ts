import assert from "node:assert/strict";
import { test } from "node:test";
import { type Pod, quotaEvaluatorOf, type ResourceQuota } from "#kubernetes/api";
import { concerns, planStatus } from "./plan.ts";

const pods = quotaEvaluatorOf("", "pods");
const deployments = quotaEvaluatorOf("apps", "deployments");

function quota(hard: Record<string, string>, more: Partial<ResourceQuota> = {}): ResourceQuota {
  return { metadata: { name: "q", namespace: "default" }, spec: { hard, ...more.spec }, ...more };
}

function pod(cpu: string, phase = "Running"): Pod {
  return {
    metadata: { name: "p" },
    spec: { containers: [{ name: "c", resources: { requests: { cpu } } }] },
    status: { phase },
  };
}

test("usage is summed up over what is limited; what has ended counts no more", () => {
  const counted = [
    { evaluator: pods, list: () => [pod("500m"), pod("1500m"), pod("8", "Succeeded")] },
    { evaluator: deployments, list: () => [{ metadata: { name: "d" } }] },
  ];
  const hard = { "requests.cpu": "4", pods: "10", "count/deployments.apps": "5", secrets: "3" };
  assert.deepEqual(planStatus(quota(hard), counted, 0), {
    hard,
    used: { "requests.cpu": "2", pods: "2", "count/deployments.apps": "1" },
  });
});

test("nothing is written where nothing changes, whichever way amounts are written", () => {
  const counted = [{ evaluator: pods, list: () => [pod("500m")] }];
  const hard = { "requests.cpu": "4", "example.com/unknown": "3" };
  const status = { hard, used: { "requests.cpu": "0.5", "example.com/unknown": "2" } };
  assert.equal(planStatus(quota(hard, { status }), counted, 0), undefined);
  const emptied = planStatus(quota(hard, { status }), [{ evaluator: pods, list: () => [] }], 0);
  assert.deepEqual(emptied?.used, { "requests.cpu": "0", "example.com/unknown": "2" });
});

test("only changes that count are looked at", () => {
  const cpu = quota({ "requests.cpu": "4" });
  const isConcerned = (object: Pod, old: Pod) => concerns(cpu, pods, { object, old }, 0);
  assert.equal(isConcerned(pod("1"), pod("1", "Pending")), false);
  assert.equal(isConcerned(pod("1", "Failed"), pod("1")), true);
  assert.equal(concerns(quota({ services: "1" }), pods, { object: pod("1", "Failed"), old: pod("1") }, 0), false);
});
