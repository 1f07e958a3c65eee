import assert from "node:assert/strict";
import { test } from "node:test";
import { describePlan, lostMachines, type PlanFindings } from "./describe-plan.ts";
import { readJournal } from "./journal.ts";
import { createPlan } from "./plan.ts";
import type { Step, StepState } from "./step.ts";

function step(id: string): Step {
  const check = () => Promise.reject(new Error("a description looks at nothing"));
  return { id, phase: id.split("/")[0] as Step["phase"], title: id, needs: [], check, apply: check };
}

const missing: StepState = { state: "missing", reason: "is not there" };

interface World {
  readonly states?: Readonly<Record<string, StepState>>;
  /** Steps that were done by earlier runs. */
  readonly done?: readonly string[];
  readonly retired?: readonly string[];
  readonly simulated?: PlanFindings["simulated"];
}

const ids = [
  "provision/network",
  "provision/machine/m",
  "bootstrap/runtime/m",
  "bootstrap/node/m",
  "addons/dns",
  "verify/nodes",
];

function describe({ states = {}, done = [], retired = [], simulated = { before: [], after: [] } }: World, steps = ids) {
  const plan = createPlan("demo", steps.map(step), retired.map(step));
  const journal = {
    ...readJournal("/nowhere"),
    progressOf: (id: string) => (done.includes(id) ? "done" : "none"),
  } as const;
  return describePlan(plan, { states: new Map(Object.entries(states)), journal, simulated });
}

function actions(world: World, steps = ids): string[] {
  return describe(world, steps).subjects.map(
    ({ kind, name, action, reason }) => `${kind} ${name}: ${action}, ${reason}`,
  );
}

test("describePlan: what is as wanted is nothing, and so is the look at the nodes", () => {
  const waiting: StepState = { state: "missing", reason: "is looked at each time" };
  assert.deepEqual(actions({ states: { "verify/nodes": waiting } }), [
    "machine m: nothing, is as wanted",
    "cluster network: nothing, is as wanted",
    "add-on dns: nothing, is as wanted",
  ]);
  assert.equal(describe({ states: { "verify/nodes": waiting } }).hasChanges, false);
});

test("describePlan: a machine is made, replaced and removed with all that runs on it", () => {
  const all = Object.fromEntries(ids.map((id) => [id, missing]));
  assert.equal(actions({ states: all })[0], "machine m: create, is not there");
  const differs: StepState = { state: "differs", reason: "has another size", change: "replace" };
  assert.equal(
    actions({ states: { "provision/machine/m": differs, "bootstrap/node/m": missing } })[0],
    "machine m: replace, has another size",
  );
  const retired = ["bootstrap/node/x", "bootstrap/runtime/x", "provision/machine/x", "addons/old"];
  const gone = actions({ retired });
  assert.ok(gone.includes("machine x: remove, is no longer wanted"));
  assert.ok(gone.includes("add-on old: remove, is no longer wanted"));
});

test("describePlan: what was made and is not as it was changes in place, with every reason", () => {
  const stale: StepState = { state: "missing", reason: "settings changed" };
  const states = { "bootstrap/runtime/m": stale, "bootstrap/node/m": stale, "addons/dns": stale };
  const found = actions({ states, done: Object.keys(states) });
  assert.equal(found[0], "machine m: in place, runtime: settings changed; agent: settings changed");
  assert.equal(found[2], "add-on dns: in place, settings changed");
});

test("describePlan: simulated nodes one by one, though they are one step", () => {
  const steps = ["bootstrap/simulated-nodes"];
  const simulated = { before: ["a", "b"], after: ["b", "c"] };
  assert.deepEqual(actions({ states: { "bootstrap/simulated-nodes": missing }, simulated }, steps), [
    "machine a: remove, is no longer wanted",
    "machine b: nothing, is as wanted",
    "machine c: create, is not there",
  ]);
  const same = { before: ["a"], after: ["a"] };
  const stale: StepState = { state: "missing", reason: "some are not as wanted" };
  const world = { states: { "bootstrap/simulated-nodes": stale }, done: steps, simulated: same };
  assert.deepEqual(actions(world, steps), ["machine a: in place, some are not as wanted"]);
});

test("lostMachines: those removed and those replaced", () => {
  const differs: StepState = { state: "differs", reason: "has another size", change: "replace" };
  const description = describe({
    states: { "provision/machine/m": differs },
    retired: ["provision/machine/x", "addons/old"],
  });
  assert.deepEqual(
    lostMachines(description).map(({ name }) => name),
    ["x", "m"],
  );
});
