import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deployment, DeploymentSpec, ReplicaSet } from "#kubernetes/api";
import { planDeployment } from "./plan.ts";
import { planRollback } from "./rollback.ts";
import { sizeOf } from "./rollout.ts";

const start = Date.UTC(2026, 0, 1);

/** A Deployment and its ReplicaSets; `step` carries out one plan as the controller would. */
class Simulation {
  deployment: Deployment;
  sets: ReplicaSet[] = [];
  nowMs = start;
  hasOtherPods = false;
  #created = 0;

  constructor(spec: Partial<DeploymentSpec> = {}) {
    this.deployment = {
      metadata: { name: "web", namespace: "a", uid: "d", generation: 1 },
      spec: {
        replicas: 10,
        selector: { matchLabels: { app: "web" } },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
        progressDeadlineSeconds: 600,
        revisionHistoryLimit: 2,
        template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "v1" }] } },
        ...spec,
      },
    };
  }

  change(spec: Partial<DeploymentSpec>): void {
    const { metadata } = this.deployment;
    this.deployment = {
      ...this.deployment,
      metadata: { ...metadata, generation: metadata.generation! + 1 },
      spec: { ...this.deployment.spec!, ...spec },
    };
  }

  setImage(image: string): void {
    const { template } = this.deployment.spec!;
    this.change({ template: { ...template, spec: { containers: [{ name: "c", image }] } } });
  }

  step() {
    const { deployment, nowMs } = this;
    const hasOtherPods = () => this.hasOtherPods;
    const plan = planDeployment({ deployment, replicaSets: this.sets, hasOtherPods, nowMs });
    for (const { action, replicaSet } of plan.changes) {
      const { name } = replicaSet.metadata;
      const others = this.sets.filter((set) => set.metadata.name !== name);
      if (action === "delete") this.sets = others;
      else if (action === "update") this.sets = this.sets.map((set) => (set.metadata.name === name ? replicaSet : set));
      else this.sets = [...others, stamp(replicaSet, this.#created++)];
    }
    const annotations: Record<string, string> = { ...deployment.metadata.annotations };
    if (plan.revision) annotations["deployment.kubernetes.io/revision"] = plan.revision;
    this.deployment = {
      ...deployment,
      metadata: { ...deployment.metadata, annotations },
      status: plan.status,
    };
    return plan;
  }

  /** What the ReplicaSet controller and the kubelet would do; `isHealthy` says whose pods become available. */
  settlePods(isHealthy: (set: ReplicaSet) => boolean = () => true): void {
    this.sets = this.sets.map((set) => {
      const replicas = sizeOf(set);
      const available = isHealthy(set) ? replicas : Math.min(replicas, set.status?.availableReplicas ?? 0);
      return {
        ...set,
        status: {
          replicas,
          readyReplicas: available,
          availableReplicas: available,
          terminatingReplicas: 0,
          observedGeneration: 1,
        },
      };
    });
  }

  sizes(): Record<string, number> {
    return Object.fromEntries(this.sets.map((set) => [imageOf(set), sizeOf(set)]));
  }

  condition(type: string) {
    const found = this.deployment.status?.conditions?.find((condition) => condition.type === type);
    return [found?.status, found?.reason, found?.message];
  }

  rollOut(): void {
    for (let n = 0; n < 50; n++) {
      this.step();
      this.settlePods();
    }
  }
}

const stamp = (set: ReplicaSet, order: number): ReplicaSet => ({
  ...set,
  metadata: {
    ...set.metadata,
    uid: `s${order}`,
    creationTimestamp: new Date(start + order * 1000).toISOString(),
    generation: 1,
  },
});
const imageOf = (set: ReplicaSet) => set.spec!.template!.spec!.containers[0]!.image!;

test("planDeployment: a new one gets a ReplicaSet of full size, named and labelled by its template", () => {
  const simulation = new Simulation();
  const plan = simulation.step();
  const [change] = plan.changes;
  const set = change!.replicaSet;
  const hash = set.metadata.labels!["pod-template-hash"]!;
  assert.match(hash, /^[bcdfghjklmnpqrstvwxz2456789]{6,10}$/);
  assert.equal(set.metadata.name, `web-${hash}`);
  assert.deepEqual(change!.scaled, { from: 0, to: 10 });
  assert.deepEqual(set.spec!.selector.matchLabels, { app: "web", "pod-template-hash": hash });
  assert.deepEqual(set.spec!.template!.metadata!.labels, { app: "web", "pod-template-hash": hash });
  assert.deepEqual(set.metadata.annotations, {
    "deployment.kubernetes.io/desired-replicas": "10",
    "deployment.kubernetes.io/max-replicas": "13",
    "deployment.kubernetes.io/revision": "1",
  });
  assert.deepEqual(set.metadata.ownerReferences, [
    { apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "d", controller: true, blockOwnerDeletion: true },
  ]);
  assert.equal(plan.revision, "1");
  assert.deepEqual(simulation.condition("Progressing"), [
    "True",
    "NewReplicaSetCreated",
    `Created new replica set "web-${hash}"`,
  ]);
});

test("planDeployment: once all is available it is complete, and the next look changes nothing", () => {
  const simulation = new Simulation();
  simulation.rollOut();
  const name = simulation.sets[0]!.metadata.name;
  assert.deepEqual(simulation.condition("Progressing"), [
    "True",
    "NewReplicaSetAvailable",
    `ReplicaSet "${name}" has successfully progressed.`,
  ]);
  assert.deepEqual(simulation.condition("Available").slice(0, 2), ["True", "MinimumReplicasAvailable"]);
  const before = simulation.deployment.status;
  const plan = simulation.step();
  assert.deepEqual(plan.changes, []);
  assert.deepEqual(plan.status, before);
  assert.equal(plan.lookAgainMs, undefined);
});

for (const [maxSurge, maxUnavailable, replicas] of [
  ["25%", "25%", 10],
  [1, 0, 3],
  [0, 1, 3],
  ["0%", "1%", 2],
  ["100%", "0%", 4],
  [3, 2, 1],
] as const) {
  test(`planDeployment: a rolling update of ${replicas} keeps to surge ${maxSurge} and unavailable ${maxUnavailable}`, () => {
    const simulation = new Simulation({
      replicas,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } },
    });
    simulation.rollOut();
    simulation.setImage("v2");
    const resolve = (value: number | string, up: boolean) =>
      typeof value === "number" ? value : (up ? Math.ceil : Math.floor)((Number.parseInt(value, 10) * replicas) / 100);
    const surge = resolve(maxSurge, true);
    const unavailable = Math.max(resolve(maxUnavailable, false), surge === 0 ? 1 : 0);
    for (let n = 0; n < 50; n++) {
      simulation.step();
      const total = simulation.sets.reduce((sum, set) => sum + sizeOf(set), 0);
      assert.ok(total <= replicas + surge, `${total} pods`);
      // What stays available if the ReplicaSets delete what they no longer want.
      const available = simulation.sets.reduce(
        (sum, set) => sum + Math.min(sizeOf(set), set.status?.availableReplicas ?? 0),
        0,
      );
      assert.ok(available >= replicas - unavailable, `${available} available`);
      simulation.settlePods();
    }
    assert.deepEqual(simulation.sizes(), { v1: 0, v2: replicas });
    assert.equal(simulation.deployment.metadata.annotations!["deployment.kubernetes.io/revision"], "2");
  });
}

test("planDeployment: pods that do not come up stop the roll-out, and their end is noticed", () => {
  const simulation = new Simulation();
  simulation.rollOut();
  simulation.setImage("bad");
  const isHealthy = (set: ReplicaSet) => imageOf(set) !== "bad";
  for (let n = 0; n < 10; n++) {
    simulation.step();
    simulation.settlePods(isHealthy);
  }
  assert.deepEqual(simulation.sizes(), { v1: 8, bad: 5 });
  const { lookAgainMs } = simulation.step();
  assert.equal(lookAgainMs, 601_000);
  simulation.nowMs += 601_000;
  const plan = simulation.step();
  assert.equal(plan.lookAgainMs, undefined);
  assert.deepEqual(simulation.condition("Progressing").slice(0, 2), ["False", "ProgressDeadlineExceeded"]);

  simulation.setImage("v1");
  for (let n = 0; n < 10; n++) {
    simulation.step();
    simulation.settlePods(isHealthy);
  }
  assert.deepEqual(simulation.sizes(), { v1: 10, bad: 0 });
  const set = simulation.sets.find((candidate) => imageOf(candidate) === "v1");
  assert.equal(set?.metadata.annotations?.["deployment.kubernetes.io/revision"], "3");
  assert.equal(set?.metadata.annotations?.["deployment.kubernetes.io/revision-history"], "1");
});

test("planDeployment: scaled amid a roll-out, the sets grow in proportion", () => {
  const simulation = new Simulation();
  simulation.rollOut();
  simulation.setImage("bad");
  const isHealthy = (set: ReplicaSet) => imageOf(set) !== "bad";
  for (let n = 0; n < 5; n++) {
    simulation.step();
    simulation.settlePods(isHealthy);
  }
  assert.deepEqual(simulation.sizes(), { v1: 8, bad: 5 });
  simulation.change({ replicas: 20 });
  simulation.step();
  assert.deepEqual(simulation.sizes(), { v1: 15, bad: 10 });
  simulation.change({ replicas: 0 });
  simulation.step();
  assert.deepEqual(simulation.sizes(), { v1: 0, bad: 0 });
});

test("planDeployment: a plain change of size goes to the only set with pods", () => {
  const simulation = new Simulation();
  simulation.rollOut();
  simulation.change({ replicas: 3 });
  const plan = simulation.step();
  assert.deepEqual(plan.changes[0]?.scaled, { from: 10, to: 3 });
  assert.equal(plan.changes[0]?.replicaSet.metadata.annotations?.["deployment.kubernetes.io/max-replicas"], "4");
});

test("planDeployment: paused, it scales but does not roll out; resumed, the clock of its deadline starts anew", () => {
  const simulation = new Simulation();
  simulation.rollOut();
  simulation.change({ paused: true });
  simulation.step();
  assert.deepEqual(simulation.condition("Progressing"), ["Unknown", "DeploymentPaused", "Deployment is paused"]);
  simulation.setImage("v2");
  simulation.change({ replicas: 12 });
  simulation.step();
  assert.deepEqual(simulation.sizes(), { v1: 12 });
  simulation.nowMs += 10_000_000;
  simulation.change({ paused: false });
  simulation.step();
  assert.notEqual(simulation.condition("Progressing")[1], "ProgressDeadlineExceeded");
  simulation.settlePods();
  simulation.rollOut();
  assert.deepEqual(simulation.sizes(), { v1: 0, v2: 12 });
});

test("planDeployment: Recreate waits until no old pod is left", () => {
  const simulation = new Simulation({ strategy: { type: "Recreate" } });
  simulation.rollOut();
  simulation.setImage("v2");
  simulation.step();
  assert.deepEqual(simulation.sizes(), { v1: 0 });
  simulation.hasOtherPods = true;
  simulation.settlePods();
  simulation.step();
  assert.deepEqual(simulation.sizes(), { v1: 0 });
  simulation.hasOtherPods = false;
  simulation.step();
  assert.deepEqual(simulation.sizes(), { v1: 0, v2: 10 });
});

test("planDeployment: old ReplicaSets beyond the history limit go, the oldest first", () => {
  const simulation = new Simulation();
  for (const image of ["v1", "v2", "v3", "v4", "v5"]) {
    simulation.setImage(image);
    simulation.rollOut();
  }
  assert.deepEqual(simulation.sizes(), { v3: 0, v4: 0, v5: 10 });
});

test("planDeployment: one that is being deleted only keeps its status", () => {
  const simulation = new Simulation();
  simulation.rollOut();
  simulation.setImage("v2");
  simulation.deployment.metadata = { ...simulation.deployment.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" };
  assert.deepEqual(simulation.step().changes, []);
});

test("planDeployment: a ReplicaSet that cannot create pods shows on the Deployment", () => {
  const simulation = new Simulation();
  simulation.step();
  const failure = { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "quota" };
  simulation.sets = simulation.sets.map((set) => ({ ...set, status: { replicas: 0, conditions: [failure] } }));
  simulation.step();
  assert.deepEqual(simulation.condition("ReplicaFailure"), ["True", "FailedCreate", "quota"]);
  simulation.settlePods();
  simulation.step();
  assert.deepEqual(simulation.condition("ReplicaFailure"), [undefined, undefined, undefined]);
});

test("planDeployment: annotations of the Deployment go to its present set, but for its own", () => {
  const simulation = new Simulation();
  simulation.rollOut();
  simulation.deployment.metadata = {
    ...simulation.deployment.metadata,
    annotations: { why: "because", "kubectl.kubernetes.io/last-applied-configuration": "{}" },
  };
  const [change] = simulation.step().changes;
  assert.equal(change?.replicaSet.metadata.annotations?.["why"], "because");
  assert.equal(
    change?.replicaSet.metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"],
    undefined,
  );
  assert.equal(change?.scaled, undefined);
});

test("planRollback: to the last revision, to a given one, and what cannot be", () => {
  const simulation = new Simulation();
  for (const image of ["v1", "v2"]) {
    simulation.setImage(image);
    simulation.rollOut();
  }
  const { deployment, sets } = simulation;
  const imageAfter = (revision: bigint) =>
    planRollback(deployment, sets, revision).deployment.spec?.template.spec?.containers[0]?.image;
  assert.equal(imageAfter(0n), "v1");
  assert.equal(imageAfter(1n), "v1");
  assert.equal(planRollback(deployment, sets, 1n).event.message, 'Rolled back deployment "web" to revision 1');
  assert.equal(planRollback(deployment, sets, 2n).event.reason, "DeploymentRollbackTemplateUnchanged");
  assert.equal(planRollback(deployment, sets, 7n).event.message, "Unable to find the revision to rollback to.");
  assert.equal(planRollback(deployment, [], 0n).event.message, "Unable to find last revision.");
});

test("revisions go on from any of 64 bits that an adopted set has", () => {
  const simulation = new Simulation({ replicas: 1 });
  simulation.step();
  const annotations = { "deployment.kubernetes.io/revision": "3546343826724305832" };
  simulation.sets = simulation.sets.map((set) => ({ ...set, metadata: { ...set.metadata, annotations } }));
  simulation.setImage("v2");
  simulation.step();
  simulation.step();
  assert.equal(
    simulation.deployment.metadata.annotations?.["deployment.kubernetes.io/revision"],
    "3546343826724305833",
  );
});
