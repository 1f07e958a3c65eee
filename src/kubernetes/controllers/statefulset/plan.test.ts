import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistentVolumeClaim, Pod, StatefulSet, StatefulSetSpec } from "#kubernetes/api";
import { claimsFor, planClaimOwners } from "./claims.ts";
import { planPods } from "./plan.ts";
import { revisionOf } from "./stateful-pods.ts";
import { planStatus } from "./status.ts";

const now = Date.UTC(2026, 0, 1, 1);
const time = new Date(now - 60_000).toISOString();

function statefulSet(spec: Partial<StatefulSetSpec> = {}): StatefulSet {
  return {
    metadata: { name: "db", namespace: "a", uid: "set", generation: 1 },
    spec: {
      replicas: 3,
      serviceName: "dbs",
      selector: { matchLabels: { app: "db" } },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      template: { metadata: { labels: { app: "db" } }, spec: { containers: [] } },
      ...spec,
    },
  };
}

/** Pods as they are in the cluster; a step carries out one plan. */
class Simulation {
  set: StatefulSet;
  pods = new Map<string, Pod>();
  claims = new Map<string, PersistentVolumeClaim>();
  current = "r1";
  update = "r1";
  #uids = 0;

  constructor(spec: Partial<StatefulSetSpec> = {}) {
    this.set = statefulSet(spec);
  }

  step(): string[] {
    const { set, current, update } = this;
    const parts = planPods({
      set,
      current: { name: current, set },
      update: { name: update, set },
      pods: [...this.pods.values()],
      claim: (name) => this.claims.get(name),
      nowMs: now,
    });
    const done: string[] = [];
    for (const { action, pod } of parts.flat()) {
      const name = pod.metadata.name!;
      done.push(`${action} ${name}`);
      if (action === "create") {
        const uid = `p${this.#uids++}`;
        this.pods.set(name, { ...pod, metadata: { ...pod.metadata, uid }, status: { phase: "Pending" } });
      } else if (action === "delete") {
        this.pods.set(name, { ...pod, metadata: { ...pod.metadata, deletionTimestamp: time } });
      }
    }
    return done;
  }

  run(name: string): void {
    const pod = this.pods.get(name)!;
    const conditions = [{ type: "Ready", status: "True", lastTransitionTime: time }];
    this.pods.set(name, { ...pod, status: { phase: "Running", conditions } });
  }

  fail(name: string, phase = "Failed"): void {
    this.pods.set(name, { ...this.pods.get(name)!, status: { phase } });
  }

  /** Terminating pods go; the others run. */
  settle(): void {
    for (const [name, pod] of this.pods) {
      if (pod.metadata.deletionTimestamp) this.pods.delete(name);
      else this.run(name);
    }
  }

  /** Steps and settles until nothing is left to do; answers all that was done. */
  finish(): string[] {
    const all: string[] = [];
    for (let n = 0; n < 50; n++) {
      all.push(...this.step());
      this.settle();
    }
    return all;
  }

  revisions(): string[] {
    return [...this.pods.values()].map((pod) => `${pod.metadata.name} ${revisionOf(pod)}`).sort();
  }
}

test("planPods: creates one after the other, each when those before it are ready", () => {
  const simulation = new Simulation();
  assert.deepEqual(simulation.step(), ["create db-0"]);
  assert.deepEqual(simulation.step(), []);
  simulation.run("db-0");
  assert.deepEqual(simulation.step(), ["create db-1"]);
  simulation.settle();
  assert.deepEqual(simulation.finish(), ["create db-2"]);
});

test("planPods: in parallel, all at once", () => {
  const simulation = new Simulation({ podManagementPolicy: "Parallel" });
  assert.deepEqual(simulation.step(), ["create db-0", "create db-1", "create db-2"]);
  simulation.settle();
  simulation.set.spec!.replicas = 1;
  assert.deepEqual(simulation.step(), ["delete db-2", "delete db-1"]);
});

test("planPods: new pods have name, host name, labels, volumes and revision", () => {
  const template = { metadata: { name: "data" }, spec: {} };
  const simulation = new Simulation({ ordinals: { start: 5 }, volumeClaimTemplates: [template] });
  simulation.step();
  const pod = simulation.pods.get("db-5")!;
  assert.deepEqual(pod.metadata.labels, {
    app: "db",
    "statefulset.kubernetes.io/pod-name": "db-5",
    "apps.kubernetes.io/pod-index": "5",
    "controller-revision-hash": "r1",
  });
  assert.equal(pod.metadata.generateName, undefined);
  assert.deepEqual([pod.spec?.hostname, pod.spec?.subdomain], ["db-5", "dbs"]);
  assert.deepEqual(pod.spec?.volumes, [{ name: "data", persistentVolumeClaim: { claimName: "data-db-5" } }]);
});

test("planPods: scales down from the highest, one at a time, and waits for sick ones before it", () => {
  const simulation = new Simulation();
  simulation.finish();
  simulation.set.spec!.replicas = 1;
  assert.deepEqual(simulation.step(), ["delete db-2"]);
  assert.deepEqual(simulation.step(), []);
  simulation.settle();
  simulation.fail("db-0", "Pending");
  assert.deepEqual(simulation.step(), []);
  simulation.run("db-0");
  assert.deepEqual(simulation.step(), ["delete db-1"]);
});

test("planPods: the sick pod itself may go when it is the one to go", () => {
  const simulation = new Simulation();
  simulation.finish();
  simulation.fail("db-2", "Pending");
  simulation.set.spec!.replicas = 2;
  assert.deepEqual(simulation.step(), ["delete db-2"]);
});

test("planPods: ended pods are made anew", () => {
  const simulation = new Simulation();
  simulation.finish();
  simulation.fail("db-1", "Succeeded");
  assert.deepEqual(simulation.finish(), ["delete db-1", "create db-1"]);
});

test("planPods: an update goes from the highest to the lowest, each when the one before is ready", () => {
  const simulation = new Simulation();
  simulation.finish();
  simulation.update = "r2";
  assert.deepEqual(simulation.step(), ["delete db-2"]);
  assert.deepEqual(simulation.step(), []);
  assert.deepEqual(simulation.finish(), ["create db-2", "delete db-1", "create db-1", "delete db-0", "create db-0"]);
  assert.deepEqual(simulation.revisions(), ["db-0 r2", "db-1 r2", "db-2 r2"]);
});

test("planPods: below the partition, pods stay and come back as they were", () => {
  const simulation = new Simulation({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } });
  simulation.finish();
  simulation.update = "r2";
  simulation.finish();
  assert.deepEqual(simulation.revisions(), ["db-0 r1", "db-1 r1", "db-2 r2"]);
  simulation.pods.delete("db-1");
  simulation.finish();
  assert.deepEqual(simulation.revisions(), ["db-0 r1", "db-1 r1", "db-2 r2"]);
});

test("planPods: OnDelete leaves the replacing to people", () => {
  const simulation = new Simulation({ updateStrategy: { type: "OnDelete" } });
  simulation.finish();
  simulation.update = "r2";
  assert.deepEqual(simulation.finish(), []);
  simulation.pods.delete("db-1");
  simulation.finish();
  assert.deepEqual(simulation.revisions(), ["db-0 r1", "db-1 r2", "db-2 r1"]);
});

test("planPods: a set that is being deleted touches nothing", () => {
  const simulation = new Simulation();
  simulation.set.metadata.deletionTimestamp = time;
  assert.deepEqual(simulation.step(), []);
});

test("planPods: a pod without its label is repaired, a pending one gets its missing claims", () => {
  const simulation = new Simulation({ volumeClaimTemplates: [{ metadata: { name: "data" } }] });
  simulation.step();
  assert.deepEqual(simulation.step(), ["provideClaims db-0"]);
  simulation.claims.set("data-db-0", claimsFor(simulation.set, 0)[0]!);
  simulation.run("db-0");
  const pod = simulation.pods.get("db-0")!;
  simulation.pods.set("db-0", { ...pod, metadata: { ...pod.metadata, labels: { app: "db" } } });
  assert.deepEqual(simulation.step(), ["repair db-0", "create db-1"]);
});

test("planPods: a new pod waits for the claim of a former one to go", () => {
  const simulation = new Simulation({
    volumeClaimTemplates: [{ metadata: { name: "data" } }],
    persistentVolumeClaimRetentionPolicy: { whenScaled: "Delete", whenDeleted: "Retain" },
  });
  const [claim] = claimsFor(simulation.set, 0);
  const reference = { apiVersion: "v1", kind: "Pod", name: "db-0", uid: "former", controller: true };
  simulation.claims.set("data-db-0", { ...claim!, metadata: { ...claim!.metadata, ownerReferences: [reference] } });
  assert.deepEqual(simulation.step(), []);
  simulation.claims.clear();
  assert.deepEqual(simulation.step(), ["create db-0"]);
});

test("planClaimOwners: by the retention policy, with the set or with the pod", () => {
  const pod = (name: string): Pod => ({ metadata: { name, namespace: "a", uid: name } });
  const owners = (whenScaled: string, whenDeleted: string, name: string) => {
    const set = statefulSet({ persistentVolumeClaimRetentionPolicy: { whenScaled, whenDeleted } });
    return planClaimOwners({ metadata: { name: "c" } }, { set, pod: pod(name) })?.map(({ uid }) => uid);
  };
  assert.equal(owners("Retain", "Retain", "db-0"), undefined);
  assert.deepEqual(owners("Retain", "Delete", "db-0"), ["set"]);
  assert.deepEqual(owners("Retain", "Delete", "db-7"), ["set"]);
  assert.equal(owners("Delete", "Retain", "db-0"), undefined);
  assert.deepEqual(owners("Delete", "Retain", "db-7"), ["db-7"]);
  assert.deepEqual(owners("Delete", "Delete", "db-0"), ["set"]);
  assert.deepEqual(owners("Delete", "Delete", "db-7"), ["db-7"]);
});

test("planClaimOwners: takes back what a former policy gave, and leaves others' claims alone", () => {
  const pod: Pod = { metadata: { name: "db-0", namespace: "a", uid: "pod" } };
  const reference = { apiVersion: "apps/v1", kind: "StatefulSet", name: "db", uid: "set", controller: true };
  const plan = (uid: string, set: StatefulSet) =>
    planClaimOwners({ metadata: { ownerReferences: [{ ...reference, uid }] } }, { set, pod });
  const deleting = statefulSet({
    persistentVolumeClaimRetentionPolicy: { whenScaled: "Retain", whenDeleted: "Delete" },
  });
  assert.deepEqual(plan("set", statefulSet()), []);
  assert.equal(plan("set", deleting), undefined);
  assert.equal(plan("former set", deleting), undefined);
  const other = { apiVersion: "x/v1", kind: "Y", name: "y", uid: "y", controller: true };
  const contested = { metadata: { ownerReferences: [other, reference] } };
  assert.deepEqual(planClaimOwners(contested, { set: deleting, pod }), [other]);
  assert.equal(planClaimOwners({ metadata: { ownerReferences: [other] } }, { set: deleting, pod }), undefined);
});

test("planStatus: counts by revision, and makes the new revision the current one when all have it", () => {
  const simulation = new Simulation();
  simulation.finish();
  simulation.update = "r2";
  simulation.step();
  const observe = () =>
    planStatus(simulation.set, {
      pods: [...simulation.pods.values()],
      current: "r1",
      update: "r2",
      collisionCount: 0,
      nowMs: now,
    });
  assert.deepEqual(observe(), {
    replicas: 3,
    observedGeneration: 1,
    readyReplicas: 3,
    currentReplicas: 2,
    currentRevision: "r1",
    updateRevision: "r2",
    collisionCount: 0,
    availableReplicas: 3,
  });
  simulation.finish();
  const { currentRevision, currentReplicas, updatedReplicas } = observe();
  assert.deepEqual([currentRevision, currentReplicas, updatedReplicas], ["r2", 3, 3]);
});
