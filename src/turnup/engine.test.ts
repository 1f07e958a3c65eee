import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { exitCodes, UserError } from "#shared";
import { applyPlan, checkPlan, type RunOptions, StepFailedError, undoPlan } from "./engine.ts";
import type { TurnupEvent } from "./events.ts";
import { openJournal } from "./journal.ts";
import { createPlan, type Plan } from "./plan.ts";
import type { Step } from "./step.ts";

/** A world of things that exist or not; steps make them, undo removes them. */
class World {
  readonly things = new Set<string>();
  readonly log: string[] = [];
  /** How many more actions happen before the process "dies". */
  lives = Number.POSITIVE_INFINITY;
  readonly failing = new Map<string, Error>();

  act(action: string): void {
    if (this.lives-- <= 0) throw new Crash();
    this.log.push(action);
  }

  step(id: string, needs: readonly string[] = []): Step {
    return {
      id,
      phase: "provision",
      title: `Make ${id}`,
      needs,
      check: async () =>
        this.things.has(`${id}/a`) && this.things.has(`${id}/b`)
          ? { state: "done" }
          : { state: "missing", reason: "is not there" },
      apply: async () => {
        this.act(`apply ${id}`);
        this.things.add(`${id}/a`);
        // A crash here leaves a half-made thing.
        this.act(`finish ${id}`);
        const error = this.failing.get(id);
        if (error) throw error;
        this.things.add(`${id}/b`);
      },
      undo: async () => {
        this.act(`undo ${id}`);
        this.things.delete(`${id}/b`);
        this.act(`undone ${id}`);
        this.things.delete(`${id}/a`);
      },
    };
  }
}

/** Stands for kill -9: nothing after it is journaled. */
class Crash extends Error {}

function tempJournal(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-engine-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "journal.jsonl");
}

/** Runs with a journal that dies with the world, as a killed process would take both. */
async function runOnce(path: string, world: World, body: (options: RunOptions) => Promise<void>): Promise<unknown> {
  const journal = openJournal(path);
  const mortal = {
    ...journal,
    append: (entry: Parameters<typeof journal.append>[0]) => {
      if (world.lives <= 0) throw new Crash();
      journal.append(entry);
    },
  };
  try {
    await body({ journal: mortal, signal: new AbortController().signal });
    return undefined;
  } catch (error) {
    return error;
  } finally {
    journal.close();
  }
}

function diamond(world: World): Plan {
  return createPlan("demo", [
    world.step("join", ["left", "right"]),
    world.step("left", ["base"]),
    world.step("right", ["base"]),
    world.step("base"),
  ]);
}

const allThings = ["base", "left", "right", "join"].flatMap((id) => [`${id}/a`, `${id}/b`]).toSorted();

test("applyPlan: runs each step after what it needs; a second run finds nothing to do", async (t) => {
  const world = new World();
  const path = tempJournal(t);
  assert.equal(await runOnce(path, world, (options) => applyPlan(diamond(world), options)), undefined);
  assert.equal(world.log[0], "apply base");
  assert.equal(world.log.at(-2), "apply join");
  assert.deepEqual([...world.things].toSorted(), allThings);
  const events: TurnupEvent[] = [];
  await runOnce(path, world, (options) => applyPlan(diamond(world), { ...options, onEvent: (e) => events.push(e) }));
  assert.equal(world.log.length, 8);
  assert.deepEqual(
    events.filter((event) => event.type === "step-done").map((event) => event.changed),
    [false, false, false, false],
  );
});

test("applyPlan: killed at any moment, a second run finishes, and undo leaves nothing", async (t) => {
  for (let lives = 0; lives <= 8; lives++) {
    const world = new World();
    const path = tempJournal(t);
    world.lives = lives;
    await runOnce(path, world, (options) => applyPlan(diamond(world), options));
    world.lives = Number.POSITIVE_INFINITY;
    assert.equal(await runOnce(path, world, (options) => applyPlan(diamond(world), options)), undefined);
    assert.deepEqual([...world.things].toSorted(), allThings, `after a crash at ${lives}`);
  }
});

test("undoPlan: killed at any moment of up or down, it removes everything, last things first", async (t) => {
  for (let upLives = 1; upLives <= 9; upLives++) {
    for (let downLives = 0; downLives <= 8; downLives++) {
      const world = new World();
      const path = tempJournal(t);
      world.lives = upLives;
      await runOnce(path, world, (options) => applyPlan(diamond(world), options));
      world.lives = downLives;
      await runOnce(path, world, (options) => undoPlan(diamond(world), options));
      world.lives = Number.POSITIVE_INFINITY;
      assert.equal(await runOnce(path, world, (options) => undoPlan(diamond(world), options)), undefined);
      assert.deepEqual([...world.things], [], `up killed at ${upLives}, down at ${downLives}`);
    }
  }
});

test("undoPlan: undoes what was begun only, also around a step that was not", async (t) => {
  const world = new World();
  world.things.add("middle/a").add("middle/b");
  const plan = createPlan("demo", [world.step("top", ["middle"]), world.step("middle", ["base"]), world.step("base")]);
  const path = tempJournal(t);
  await runOnce(path, world, (options) => applyPlan(plan, options));
  world.log.length = 0;
  await runOnce(path, world, (options) => undoPlan(plan, options));
  assert.deepEqual(world.log, ["undo top", "undone top", "undo base", "undone base"]);
  assert.deepEqual([...world.things], ["middle/a", "middle/b"]);
});

test("applyPlan: a failure names the step, keeps hints and exit code, and stops what depends on it", async (t) => {
  const world = new World();
  world.failing.set("left", new UserError("the disk is full", { hints: ["Make room."], exitCode: exitCodes.host }));
  const events: TurnupEvent[] = [];
  const error = await runOnce(tempJournal(t), world, (options) =>
    applyPlan(diamond(world), { ...options, onEvent: (event) => events.push(event) }),
  );
  assert.ok(error instanceof StepFailedError);
  assert.equal(error.message, "Cannot make left: the disk is full");
  assert.deepEqual(error.hints, ["Make room."]);
  assert.equal(error.exitCode, exitCodes.host);
  assert.ok(!world.log.includes("apply join"));
  assert.equal(events.at(-1)?.type, "run-failed");

  world.failing.set("left", new Error("something else"));
  const other = await runOnce(tempJournal(t), new World(), (options) => applyPlan(diamond(world), options));
  assert.equal((other as StepFailedError).exitCode, exitCodes.provision);
});

test("applyPlan: undoes retired steps first", async (t) => {
  const world = new World();
  const path = tempJournal(t);
  const before = createPlan("demo", [world.step("base"), world.step("old", ["base"]), world.step("older")]);
  await runOnce(path, world, (options) => applyPlan(before, options));
  world.log.length = 0;
  const after = createPlan("demo", [world.step("base"), world.step("new", ["base"])], [world.step("old", ["base"])]);
  await runOnce(path, world, (options) => applyPlan(after, options));
  assert.deepEqual(world.log, ["undo old", "undone old", "apply new", "finish new"]);
});

test("applyPlan: when the signal fires nothing more is begun, and the reason is thrown", async (t) => {
  const world = new World();
  const journal = openJournal(tempJournal(t));
  t.after(() => journal.close());
  const abort = new AbortController();
  const reason = new UserError("interrupted", { exitCode: exitCodes.interrupted });
  const onEvent = (event: TurnupEvent) => {
    if (event.type === "step-done") abort.abort(reason);
  };
  await assert.rejects(applyPlan(diamond(world), { journal, signal: abort.signal, onEvent }), reason);
  assert.deepEqual(world.log, ["apply base", "finish base"]);
});

test("checkPlan: tells what would be done and changes nothing", async (t) => {
  const world = new World();
  const path = tempJournal(t);
  world.lives = 3;
  await runOnce(path, world, (options) => applyPlan(diamond(world), options));
  const journal = openJournal(path);
  t.after(() => journal.close());
  const states = await checkPlan(diamond(world), { journal, signal: new AbortController().signal });
  assert.deepEqual(states.get("base"), { state: "done" });
  assert.deepEqual(states.get("left"), { state: "missing", reason: "was interrupted" });
  assert.deepEqual(states.get("join"), { state: "missing", reason: "is not there" });
});

test("createPlan: refuses doubles, unknown needs and circles", () => {
  const world = new World();
  assert.throws(() => createPlan("demo", [world.step("a"), world.step("a")]), /step a comes twice/);
  assert.throws(() => createPlan("demo", [world.step("a", ["b"])]), /a needs b, which is no step/);
  assert.throws(() => createPlan("demo", [world.step("a", ["b"]), world.step("b", ["a"])]), /a → b → a/);
});
