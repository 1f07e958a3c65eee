import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job, JobSpec, JobStatus, Pod, PodStatus } from "#kubernetes/api";
import { failureCountAnnotations, noFailures } from "./backoff.ts";
import { indexAnnotation, indexedGenerateName, indexedTemplate, trackingFinalizer } from "./job-pods.ts";
import { planJobPods } from "./plan.ts";
import { judgeFailure, matchSuccessPolicy } from "./policies.ts";
import { noteSuspension, withStartTime } from "./status.ts";
import { planFinish, planTracking, settleUncounted } from "./tracking.ts";
import { findCompletion, findEnd, msUntilDeadline } from "./verdict.ts";
import { viewJob } from "./view.ts";

const now = Date.UTC(2026, 0, 1, 1);
const time = (secondsAgo: number) => new Date(now - secondsAgo * 1000).toISOString().replace(".000", "");

const job = (spec: Partial<JobSpec> = {}, status: JobStatus = {}): Job => ({
  metadata: { name: "work", namespace: "a", uid: "j" },
  spec: {
    parallelism: 2,
    completions: 3,
    backoffLimit: 6,
    template: { spec: { containers: [{ name: "c" }] } },
    ...spec,
  },
  status,
});
interface Traits {
  readonly index?: number;
  readonly counted?: boolean;
  readonly deleted?: boolean;
  readonly endedAgo?: number;
  readonly failures?: number;
  readonly status?: PodStatus;
}
function pod(name: string, phase: string, traits: Traits = {}): Pod {
  const { index, counted, deleted, endedAgo, failures, status } = traits;
  const annotations: Record<string, string> = {};
  if (index !== undefined) annotations[indexAnnotation] = String(index);
  if (failures !== undefined) annotations["batch.kubernetes.io/job-index-failure-count"] = String(failures);
  return {
    metadata: {
      name,
      namespace: "a",
      uid: name,
      annotations,
      ...(!counted && { finalizers: [trackingFinalizer] }),
      ...(deleted && { deletionTimestamp: time(0) }),
    },
    spec: { containers: [] },
    status: {
      phase,
      ...(endedAgo !== undefined && {
        conditions: [{ type: "Ready", status: "False", lastTransitionTime: time(endedAgo) }],
      }),
      ...status,
    },
  };
}
const view = (object: Job, ...pods: Pod[]) => viewJob(object, pods, noFailures, now);
const names = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name);

test("planJobPods: as many as run side by side, and never more than are left to complete", () => {
  assert.equal(planJobPods(view(job())).create.length, 2);
  assert.equal(planJobPods(view(job(), pod("a", "Running"))).create.length, 1);
  assert.equal(planJobPods(view(job({}, { succeeded: 2 }))).create.length, 1);
  assert.equal(planJobPods(view(job({}, { succeeded: 3 }))).create.length, 0);
});

test("planJobPods: without a number of completions, no new pods after the first success", () => {
  const queue = job();
  delete queue.spec!.completions;
  assert.equal(planJobPods(view(queue)).create.length, 2);
  const plan = planJobPods(view(queue, pod("a", "Succeeded"), pod("b", "Running")));
  assert.deepEqual([plan.create.length, plan.remove.length], [0, 0]);
});

test("planJobPods: too many go, the least far on first; a suspended Job has none", () => {
  const pods = [pod("a", "Running"), pod("b", "Pending"), pod("c", "Running")];
  assert.deepEqual(names(planJobPods(view(job(), ...pods)).remove), ["b"]);
  assert.equal(planJobPods(view(job({ suspend: true }), ...pods)).remove.length, 3);
});

test("planJobPods: waits after failures, twice as long each time", () => {
  const wait = (...ages: number[]) =>
    planJobPods(view(job(), ...ages.map((age, n) => pod(`f${n}`, "Failed", { endedAgo: age })))).waitMs;
  assert.equal(wait(4), 6000);
  assert.equal(wait(4, 30), 16_000);
  assert.equal(wait(11), undefined);
});

test("planJobPods: a success makes earlier failures forgotten", () => {
  const failed = pod("f", "Failed", { endedAgo: 5 });
  const succeeded = pod("s", "Succeeded", { endedAgo: 3 });
  assert.equal(planJobPods(view(job(), failed, succeeded)).waitMs, undefined);
});

test("planJobPods: indexes nobody works on or has finished; doubles and strangers go", () => {
  const indexed = job({ completionMode: "Indexed", completions: 5, parallelism: 3 }, { completedIndexes: "1" });
  assert.deepEqual(planJobPods(view(indexed, pod("a", "Running", { index: 0 }))).create, [2, 3]);
  const plan = planJobPods(
    view(
      indexed,
      pod("a", "Running", { index: 0 }),
      pod("b", "Pending", { index: 0 }),
      pod("c", "Running", { index: 9 }),
    ),
  );
  assert.deepEqual(names(plan.remove).sort(), ["b", "c"]);
});

test("planJobPods: with a limit per index, each index waits for itself", () => {
  const indexed = job({ completionMode: "Indexed", completions: 2, parallelism: 2, backoffLimitPerIndex: 3 });
  const failed = pod("f", "Failed", { index: 0, endedAgo: 4, failures: 0 });
  assert.deepEqual(planJobPods(view(indexed, failed)).create, [1]);
  assert.equal(planJobPods(view(indexed, failed, pod("b", "Running", { index: 1 }))).waitMs, 6000);
});

test("planJobPods: pods on their way out are waited for only where the policy says so", () => {
  const leaving = pod("a", "Running", { deleted: true });
  assert.equal(planJobPods(viewJob(job({ parallelism: 1 }), [leaving], noFailures, now + 60_000)).create.length, 1);
  assert.equal(planJobPods(view(job({ parallelism: 1, podReplacementPolicy: "Failed" }), leaving)).create.length, 0);
});

test("findEnd: too many failures, counted or not yet, and restarts in place", () => {
  const reason = (object: Job, ...pods: Pod[]) => findEnd(view(object, ...pods))?.reason;
  assert.equal(reason(job({ backoffLimit: 1 }, { failed: 1 })), undefined);
  assert.equal(reason(job({ backoffLimit: 1 }, { failed: 1 }), pod("f", "Failed")), "BackoffLimitExceeded");
  const restarting = { containerStatuses: [{ name: "c", restartCount: 2, image: "", imageID: "", ready: false }] };
  const template = { spec: { containers: [], restartPolicy: "OnFailure" } };
  assert.equal(
    reason(job({ backoffLimit: 2, template }), pod("r", "Running", { status: restarting })),
    "BackoffLimitExceeded",
  );
});

test("findEnd, msUntilDeadline: the deadline counts from the start, and not while suspended", () => {
  const timed = (spec: Partial<JobSpec>) => view(job({ activeDeadlineSeconds: 60, ...spec }, { startTime: time(50) }));
  assert.equal(msUntilDeadline(timed({})), 10_000);
  assert.equal(findEnd(timed({ activeDeadlineSeconds: 50 }))?.reason, "DeadlineExceeded");
  assert.equal(msUntilDeadline(timed({ suspend: true })), undefined);
});

test("findEnd: what was announced stays", () => {
  const condition = (type: string) => [{ type, status: "True", reason: "Because", message: "m" }];
  const end = (type: string) => findEnd(view(job({ backoffLimit: 0 }, { failed: 9, conditions: condition(type) })));
  assert.deepEqual(end("SuccessCriteriaMet"), { type: "SuccessCriteriaMet", reason: "Because", message: "m" });
  assert.deepEqual(end("FailureTarget"), { type: "Failed", reason: "Because", message: "m" });
});

test("findEnd: failed indexes", () => {
  const spec: Partial<JobSpec> = { completionMode: "Indexed", completions: 3, backoffLimitPerIndex: 0 };
  const failed = pod("f", "Failed", { index: 0, failures: 0 });
  assert.equal(findEnd(view(job(spec), failed)), undefined);
  assert.equal(findEnd(view(job({ ...spec, maxFailedIndexes: 0 }), failed))?.reason, "MaxFailedIndexesExceeded");
  assert.equal(findEnd(view(job(spec, { completedIndexes: "1,2" }), failed))?.reason, "FailedIndexes");
});

test("findCompletion: enough successes and nothing running", () => {
  assert.equal(findCompletion(view(job({}, { succeeded: 3 })))?.reason, "CompletionsReached");
  assert.equal(findCompletion(view(job({}, { succeeded: 3 }), pod("r", "Running"))), undefined);
  assert.equal(findCompletion(view(job({}, { succeeded: 2 }))), undefined);
});

test("judgeFailure: the first rule that matches, by exit code or condition", () => {
  const policy = (action: string): Partial<JobSpec> => ({
    podFailurePolicy: {
      rules: [
        { action, onExitCodes: { containerName: "c", operator: "In", values: [42] } },
        { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      ],
    },
  });
  const exited = (exitCode: number): PodStatus => ({
    containerStatuses: [
      { name: "c", restartCount: 0, image: "", imageID: "", ready: false, state: { terminated: { exitCode } } },
    ],
  });
  const failed = pod("f", "Failed", { status: exited(42) });
  assert.deepEqual(judgeFailure(failed, job(policy("FailJob"))), {
    action: "FailJob",
    counts: true,
    message: "Container c for pod a/f failed with exit code 42 matching FailJob rule at index 0",
  });
  assert.equal(judgeFailure(failed, job(policy("FailIndex"))).action, "FailIndex");
  assert.equal(judgeFailure(pod("f", "Failed", { status: exited(1) }), job(policy("FailJob"))).action, undefined);
  const disrupted = pod("f", "Failed", { status: { conditions: [{ type: "DisruptionTarget", status: "True" }] } });
  assert.deepEqual(judgeFailure(disrupted, job(policy("FailJob"))), { action: "Ignore", counts: false });
  assert.equal(findEnd(view(job(policy("FailJob")), failed))?.reason, "PodFailurePolicy");
});

test("matchSuccessPolicy: all of the indexes, enough of them, or enough of any", () => {
  const match = (rule: object, completedIndexes: string) => {
    const indexed = job(
      { completionMode: "Indexed", completions: 10, successPolicy: { rules: [rule] } },
      { completedIndexes },
    );
    return matchSuccessPolicy(indexed, view(indexed).indexes!.succeeded);
  };
  assert.equal(match({ succeededIndexes: "0,2-4" }, "0-4"), "Matched rules at index 0");
  assert.equal(match({ succeededIndexes: "0,2-4" }, "0-3"), undefined);
  assert.equal(match({ succeededIndexes: "0,2-4", succeededCount: 2 }, "0,3"), "Matched rules at index 0");
  assert.equal(match({ succeededCount: 3 }, "0-2"), "Matched rules at index 0");
  assert.equal(match({ succeededCount: 3 }, ""), undefined);
});

test("planTracking: uids are written first, then finalizers go, then numbers grow: once each", () => {
  const pods = [
    pod("s", "Succeeded"),
    pod("f", "Failed"),
    pod("r", "Running"),
    pod("old", "Failed", { counted: true }),
  ];
  const counting = job({}, { succeeded: 1, failed: 1 });
  const plan = planTracking(view(counting, ...pods), counting.status!, undefined);
  assert.deepEqual(names(plan.untrack), ["s", "f"]);
  assert.deepEqual(plan.status.uncountedTerminatedPods, { succeeded: ["s"], failed: ["f"] });
  assert.deepEqual([plan.status.succeeded, plan.status.failed], [1, 1]);

  // The controller stops here and starts again: nothing is counted twice.
  const again = planTracking(view(job({}, plan.status), ...pods), plan.status, undefined);
  assert.deepEqual(again.status, plan.status);

  const left = [pod("s", "Succeeded", { counted: true }), pod("f", "Failed", { counted: true }), pod("r", "Running")];
  const settled = settleUncounted(plan.status, left);
  assert.deepEqual([settled.succeeded, settled.failed, settled.uncountedTerminatedPods], [2, 2, {}]);
});

test("planTracking: of indexed Jobs, the index itself is the count", () => {
  const indexed = job({ completionMode: "Indexed", completions: 5 }, { completedIndexes: "0" });
  const pods = [
    pod("b", "Succeeded", { index: 2 }),
    pod("a", "Succeeded", { index: 1 }),
    pod("x", "Succeeded", { index: 9 }),
  ];
  const plan = planTracking(view(indexed, ...pods), indexed.status!, undefined);
  assert.equal(plan.status.completedIndexes, "0-2");
  assert.equal(plan.status.succeeded, 3);
  assert.equal(plan.untrack.length, 3);
});

test("planTracking: the last failed pod of an index stays until another takes its count over", () => {
  const indexed = job({ completionMode: "Indexed", completions: 2, backoffLimitPerIndex: 2 });
  const failed = pod("f", "Failed", { index: 0, failures: 1 });
  assert.deepEqual(names(planTracking(view(indexed, failed), {}, undefined).untrack), []);
  const replaced = [failed, pod("r", "Running", { index: 0, failures: 2 })];
  assert.deepEqual(names(planTracking(view(indexed, ...replaced), {}, undefined).untrack), ["f"]);
  assert.deepEqual(failureCountAnnotations(failed, indexed), { "batch.kubernetes.io/job-index-failure-count": "2" });
});

test("planTracking, planFinish: a failed Job counts all its pods as failed, and ends when they have gone", () => {
  const end = { type: "FailureTarget", reason: "BackoffLimitExceeded", message: "m" } as const;
  const running = pod("r", "Running", { deleted: true });
  const plan = planTracking(view(job(), running), { terminating: 1 }, end);
  assert.deepEqual(plan.status.uncountedTerminatedPods, { failed: ["r"] });
  assert.equal(plan.status.conditions?.[0]?.type, "FailureTarget");
  assert.equal(planFinish(plan.status, end, now), undefined);
  const settled = settleUncounted({ ...plan.status, terminating: 0 }, []);
  const finished = planFinish(settled, end, now);
  assert.deepEqual(
    finished?.conditions?.map(({ type }) => type),
    ["FailureTarget", "Failed"],
  );
  assert.equal(finished?.failed, 1);
  assert.equal(finished?.completionTime, undefined);
});

test("planFinish: a complete Job has the time of its completion", () => {
  const end = { type: "SuccessCriteriaMet", reason: "CompletionsReached", message: "m" } as const;
  const finished = planFinish({ succeeded: 3 }, end, now);
  assert.equal(finished?.completionTime, "2026-01-01T01:00:00Z");
  assert.deepEqual(
    finished?.conditions?.map(({ type, status }) => [type, status]),
    [["Complete", "True"]],
  );
});

test("noteSuspension, withStartTime: the clock stops and starts anew", () => {
  const suspended = job({ suspend: true }, { startTime: time(500) });
  const paused = noteSuspension(suspended, suspended.status!, now);
  assert.equal(paused.status.startTime, undefined);
  assert.deepEqual(paused.event, { reason: "Suspended", message: "Job suspended" });
  assert.equal(withStartTime(job({ suspend: true }), now).status?.startTime, undefined);
  const resumed = noteSuspension(job(), paused.status, now);
  assert.equal(resumed.status.startTime, "2026-01-01T01:00:00Z");
  assert.deepEqual(
    resumed.status.conditions?.map(({ type, status }) => [type, status]),
    [["Suspended", "False"]],
  );
  assert.equal(noteSuspension(job(), resumed.status, now).event, undefined);
});

test("indexedTemplate: hostname, label, annotation and variable", () => {
  const template = indexedTemplate({ spec: { containers: [{ name: "c" }] } }, { jobName: "work", index: 3 });
  assert.equal(template.spec?.hostname, "work-3");
  assert.equal(template.metadata?.labels?.[indexAnnotation], "3");
  assert.equal(template.metadata?.annotations?.[indexAnnotation], "3");
  assert.equal(template.spec?.containers[0]?.env?.[0]?.name, "JOB_COMPLETION_INDEX");
  assert.equal(indexedGenerateName("x".repeat(70), 12).length, 58);
});
