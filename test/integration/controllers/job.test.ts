import assert from "node:assert/strict";
import { test } from "node:test";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { type Job, type Pod, resources } from "#kubernetes/api";
import { createControllerMetrics } from "#kubernetes/controllers";
import { FakeClock } from "#shared";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";
import { runPods } from "../../support/cluster/test-kubelet.ts";

const key = { namespace: "default", name: "work" };
const controllers = ["job"];

function job(spec: Partial<Job["spec"]> = {}): Job {
  return {
    metadata: key,
    spec: {
      ...spec,
      template: {
        ...spec?.template,
        spec: { restartPolicy: "Never", containers: [{ name: "c", image: "x" }], ...spec?.template?.spec },
      },
    },
  };
}

const condition = (found: Job | undefined, type: string) =>
  found?.status?.conditions?.find((candidate) => candidate.type === type && candidate.status === "True");
const indexOf = ({ metadata }: Pod) => metadata.annotations?.["batch.kubernetes.io/job-completion-index"];

test("Job: runs to completion, and its pods are let go of", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  let most = 0;
  await runPods(cluster, { outcome: () => "succeeded" });
  cluster.informers.informer(resources.jobs).addHandler({
    updated: ({ status }) => {
      most = Math.max(most, status?.active ?? 0);
    },
  });
  await client.create(resources.jobs, job({ completions: 5, parallelism: 2 }));
  const [done] = await until(resources.jobs, ([found]) => condition(found, "Complete") !== undefined);
  assert.deepEqual(
    [done?.status?.succeeded, done?.status?.failed, done?.status?.active, done?.status?.uncountedTerminatedPods],
    [5, undefined, undefined, {}],
  );
  assert.deepEqual(
    done?.status?.conditions?.map(({ type, reason }) => [type, reason]),
    [
      ["SuccessCriteriaMet", "CompletionsReached"],
      ["Complete", "CompletionsReached"],
    ],
  );
  assert.ok(done?.status?.startTime && done.status.completionTime);
  assert.ok(most <= 2, `${most} pods at once`);
  const pods = await until(resources.pods, (found) => {
    return found.length === 5 && found.every(({ metadata }) => !metadata.finalizers?.length);
  });
  assert.equal(pods[0]?.metadata.labels?.["batch.kubernetes.io/job-name"], "work");
});

test("Job and CronJob: what is done is counted under upstream's names", async () => {
  const registry = new Registry();
  const metrics = createControllerMetrics({ Counter, Gauge, Histogram }, registry);
  const clock = new FakeClock(Date.parse("2026-01-01T00:00:30Z"));
  await using cluster = await startTestCluster({ controllers: [...controllers, "cronjob"], clock, metrics });
  const { client, until, rest } = cluster;
  await runPods(cluster, { clock, outcome: () => "succeeded" });
  await client.create(resources.jobs, job({ completions: 2, parallelism: 2, completionMode: "Indexed" }));
  const schedule = { schedule: "*/1 * * * *", jobTemplate: { spec: job().spec! } };
  await client.create(resources.cronJobs, { metadata: { name: "tick", namespace: "default" }, spec: schedule });
  await rest();
  await clock.advance(32_000);
  await until(resources.jobs, (found) => found.filter((each) => condition(each, "Complete")).length === 2);
  await rest();
  const text = await registry.metrics();
  for (const line of [
    /^job_controller_jobs_finished_total\{completion_mode="Indexed",result="succeeded",reason="CompletionsReached"\} 1$/m,
    /^job_controller_job_pods_finished_total\{completion_mode="Indexed",result="succeeded"\} 2$/m,
    /^job_controller_job_pods_finished_total\{completion_mode="NonIndexed",result="succeeded"\} 1$/m,
    /^job_controller_job_finished_indexes_total\{status="succeeded",backoffLimit="global"\} 2$/m,
    /^job_controller_job_pods_creation_total\{reason="new",status="succeeded"\} 3$/m,
    /^job_controller_job_syncs_total\{completion_mode="Indexed",result="success",action="pods_created"\} 1$/m,
    /^job_controller_job_sync_duration_seconds_count\{completion_mode="Indexed",result="success",action="tracking"\} \d/m,
    /^cronjob_controller_job_creation_skew_duration_seconds_count 1$/m,
  ]) {
    assert.match(text, line);
  }
});

test("Job: indexed, every index is done once", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await runPods(cluster, { outcome: () => "succeeded" });
  await client.create(resources.jobs, job({ completions: 4, parallelism: 4, completionMode: "Indexed" }));
  const [done] = await until(resources.jobs, ([found]) => condition(found, "Complete") !== undefined);
  assert.equal(done?.status?.completedIndexes, "0-3");
  const pods = await until(resources.pods, (found) => found.length === 4);
  assert.deepEqual(pods.map(indexOf).toSorted(), ["0", "1", "2", "3"]);
  for (const pod of pods) {
    assert.equal(pod.spec?.hostname, `work-${indexOf(pod)}`);
    assert.equal(pod.spec?.containers[0]?.env?.[0]?.name, "JOB_COMPLETION_INDEX");
  }
});

test("Job: fails when its pods have failed too often", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ controllers, clock });
  const { client, until, rest } = cluster;
  await runPods(cluster, { clock, outcome: () => "failed" });
  await client.create(resources.jobs, job({ backoffLimit: 1 }));
  await until(resources.jobs, ([found]) => found?.status?.failed === 1);
  await rest();
  await until(resources.pods, (found) => found.length === 1);
  await clock.advance(10_000);
  const [failed] = await until(resources.jobs, ([found]) => condition(found, "Failed") !== undefined);
  assert.deepEqual(
    [failed?.status?.failed, condition(failed, "Failed")?.reason, condition(failed, "Failed")?.message],
    [2, "BackoffLimitExceeded", "Job has reached the specified backoff limit"],
  );
});

test("Job: suspended, its pods go; resumed, it starts anew", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await runPods(cluster, { outcome: () => "running" });
  await client.create(resources.jobs, job({ parallelism: 2, completions: 2 }));
  await until(resources.jobs, ([found]) => found?.status?.active === 2);
  const suspend = (value: boolean) =>
    client.patch(resources.jobs, key, { type: "merge", body: { spec: { suspend: value } } });
  await suspend(true);
  await until(resources.pods, (found) => found.length === 0);
  const [suspended] = await until(resources.jobs, ([found]) => condition(found, "Suspended") !== undefined);
  assert.equal(suspended?.status?.startTime, undefined);
  await suspend(false);
  await until(resources.jobs, ([found]) => found?.status?.active === 2 && found.status.startTime !== undefined);
  await until(resources.events, (events) => {
    const reasons = new Set(events.map(({ reason }) => reason));
    return reasons.has("Suspended") && reasons.has("Resumed");
  });
});

test("Job: activeDeadlineSeconds ends it", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ controllers, clock });
  const { client, until, rest } = cluster;
  await runPods(cluster, { clock, outcome: () => "running" });
  await client.create(resources.jobs, job({ activeDeadlineSeconds: 60 }));
  await until(resources.jobs, ([found]) => found?.status?.active === 1);
  await rest();
  await clock.advance(60_000);
  const [late] = await until(resources.jobs, ([found]) => condition(found, "Failed") !== undefined);
  assert.equal(condition(late, "Failed")?.reason, "DeadlineExceeded");
  await until(resources.pods, (found) => found.length === 0);
});

test("Job: a pod failure policy fails the job at once, and ignores disruptions", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await runPods(cluster, { outcome: () => "failed" });
  const podFailurePolicy = {
    rules: [{ action: "FailJob", onExitCodes: { containerName: "c", operator: "In", values: [1] } }],
  };
  await client.create(resources.jobs, job({ backoffLimit: 6, podFailurePolicy }));
  const [failed] = await until(resources.jobs, ([found]) => condition(found, "Failed") !== undefined);
  assert.equal(condition(failed, "Failed")?.reason, "PodFailurePolicy");
  assert.match(
    condition(failed, "Failed")?.message ?? "",
    /^Container c for pod default\/work-[a-z0-9]{5} failed with exit code 1 matching FailJob rule at index 0$/,
  );
});

test("Job: backoffLimitPerIndex fails single indexes", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ controllers, clock });
  const { client, until } = cluster;
  await runPods(cluster, { clock, outcome: (pod) => (indexOf(pod) === "1" ? "failed" : "succeeded") });
  const spec = { completionMode: "Indexed", completions: 3, parallelism: 3, backoffLimitPerIndex: 0 };
  await client.create(resources.jobs, job(spec));
  const [failed] = await until(resources.jobs, ([found]) => condition(found, "Failed") !== undefined);
  assert.deepEqual(
    [failed?.status?.completedIndexes, failed?.status?.failedIndexes, condition(failed, "Failed")?.reason],
    ["0,2", "1", "FailedIndexes"],
  );
});

test("Job: a success policy needs only some indexes", async () => {
  await using cluster = await startTestCluster({ controllers });
  const { client, until } = cluster;
  await runPods(cluster, { outcome: (pod) => (indexOf(pod) === "0" ? "succeeded" : "running") });
  const successPolicy = { rules: [{ succeededIndexes: "0" }] };
  await client.create(
    resources.jobs,
    job({ completionMode: "Indexed", completions: 3, parallelism: 3, successPolicy }),
  );
  const [done] = await until(resources.jobs, ([found]) => condition(found, "Complete") !== undefined);
  assert.equal(condition(done, "SuccessCriteriaMet")?.reason, "SuccessPolicy");
  await until(resources.pods, (found) => found.length === 1);
});

test("Job: deleted in the background, its pods can go", async () => {
  await using cluster = await startTestCluster({ controllers: [...controllers, "garbagecollector"] });
  const { client, until } = cluster;
  await runPods(cluster, { outcome: () => "running" });
  await client.create(resources.jobs, job());
  await until(resources.jobs, ([found]) => found?.status?.active === 1);
  await client.delete(resources.jobs, key, { propagationPolicy: "Background" });
  await until(resources.pods, (found) => found.length === 0);
});

test("Job: goes some time after it has finished, if told to", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({
    controllers: [...controllers, "ttl-after-finished", "garbagecollector"],
    clock,
  });
  const { client, until, rest } = cluster;
  await runPods(cluster, { clock, outcome: () => "succeeded" });
  await client.create(resources.jobs, job({ ttlSecondsAfterFinished: 30 }));
  await until(resources.jobs, ([found]) => condition(found, "Complete") !== undefined);
  await rest();
  await clock.advance(29_000);
  await until(resources.jobs, (found) => found.length === 1);
  await clock.advance(2_000);
  await until(resources.jobs, (found) => found.length === 0);
  await until(resources.pods, (found) => found.length === 0);
});

test("CronJob: starts jobs on time and keeps a few", async () => {
  const clock = new FakeClock(Date.parse("2026-01-01T00:00:30Z"));
  await using cluster = await startTestCluster({ controllers: [...controllers, "cronjob", "garbagecollector"], clock });
  const { client, until, rest } = cluster;
  await runPods(cluster, { clock, outcome: () => "succeeded" });
  await client.create(resources.cronJobs, {
    metadata: { name: "tick", namespace: "default" },
    spec: {
      schedule: "*/1 * * * *",
      timeZone: "Etc/UTC",
      successfulJobsHistoryLimit: 2,
      jobTemplate: { spec: job().spec! },
    },
  });
  for (let minute = 1; minute <= 4; minute++) {
    await rest();
    await clock.advance(60_000);
    const name = `tick-${Math.floor(Date.parse(`2026-01-01T00:0${minute}:00Z`) / 60_000)}`;
    await until(resources.jobs, (found) =>
      found.some((candidate) => candidate.metadata.name === name && condition(candidate, "Complete") !== undefined),
    );
  }
  await until(resources.jobs, (found) => found.length === 2);
  const [tick] = await until(resources.cronJobs, ([found]) => found?.status?.lastSuccessfulTime !== undefined);
  assert.equal(tick?.status?.lastScheduleTime, "2026-01-01T00:04:00Z");
});
