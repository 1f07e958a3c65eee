import assert from "node:assert/strict";
import { test } from "node:test";
import { conflict, type KubeObject, notFound } from "#kubernetes/api";
import { FakeClock, silentLogger } from "#shared";
import { LifeEngine, type LifePlan } from "./life-engine.ts";

interface Thing extends KubeObject {
  readonly state: string;
}

const thing = (state: string, resourceVersion: string, uid = "u"): Thing => ({
  metadata: { name: uid, uid, resourceVersion },
  state,
});

/** An engine whose plans are by the thing's state, and what it has done, as "state@version". */
function start(
  t: { after(action: () => Promise<void>): void },
  plans: Record<string, Partial<LifePlan<Thing>>>,
  width = 10,
) {
  const clock = new FakeClock();
  const done: string[] = [];
  const engine = new LifeEngine<Thing>({
    clock,
    logger: silentLogger,
    width,
    plan({ state, metadata }) {
      const plan = plans[state];
      if (!plan) return undefined;
      const run = async () => {
        done.push(`${state}@${metadata.resourceVersion}`);
        return plan.run?.();
      };
      return { delayMs: 0, ...plan, run };
    },
  });
  t.after(() => engine.stop());
  return { engine, clock, done };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("LifeEngine: does what is next when its time has come, once", async (t) => {
  const { engine, clock, done } = start(t, { new: { delayMs: 1000, run: async () => thing("old", "2") } });
  engine.seen(thing("new", "1"));
  engine.seen(thing("new", "1"));
  await clock.advance(999);
  await settled();
  assert.deepEqual(done, []);
  await clock.advance(1);
  await settled();
  engine.seen(thing("old", "2"));
  await settled();
  assert.deepEqual(done, ["new@1"]);
  assert.equal(clock.pending, 0);
});

test("LifeEngine: a change before its time is a new beginning; an object that is gone is forgotten", async (t) => {
  const { engine, clock, done } = start(t, { new: { delayMs: 1000 }, changed: { delayMs: 5000 } });
  engine.seen(thing("new", "1"));
  engine.seen(thing("new", "1", "v"));
  await clock.advance(500);
  engine.seen(thing("changed", "2"));
  engine.gone(thing("new", "1", "v"));
  await clock.advance(1000);
  await settled();
  assert.deepEqual(done, []);
  await clock.advance(4000);
  await settled();
  assert.deepEqual(done, ["changed@2"]);
});

test("LifeEngine: changes older than its own last write are no news", async (t) => {
  const { engine, done } = start(t, { new: { run: async () => thing("old", "9") } });
  engine.seen(thing("new", "1"));
  await settled();
  engine.seen(thing("new", "5"));
  await settled();
  engine.seen(thing("old", "9"));
  engine.seen(thing("new", "10"));
  await settled();
  assert.deepEqual(done, ["new@1", "new@10"]);
});

test("LifeEngine: goes on at once where a plan says so", async (t) => {
  const { engine, done } = start(t, {
    one: { run: async () => thing("two", "2"), goesOnAtOnce: true },
    two: { run: async () => thing("three", "3") },
  });
  engine.seen(thing("one", "1"));
  await settled();
  await settled();
  assert.deepEqual(done, ["one@1", "two@2"]);
});

test("LifeEngine: a conflict waits for the change that caused it", async (t) => {
  const { engine, clock, done } = start(t, {
    new: { run: () => Promise.reject(conflict({ group: "", resource: "things" }, "u", "changed")) },
    changed: { run: async () => thing("old", "3") },
  });
  engine.seen(thing("new", "1"));
  await settled();
  engine.seen(thing("changed", "2"));
  await settled();
  assert.deepEqual(done, ["new@1", "changed@2"]);
  await clock.advance(60_000);
  assert.deepEqual(done, ["new@1", "changed@2"]);
});

test("LifeEngine: failures are tried again, later each time; what is gone is not", async (t) => {
  let fails = 2;
  const { engine, clock, done } = start(t, {
    new: { run: () => (fails-- > 0 ? Promise.reject(new Error("no")) : Promise.resolve(thing("old", "2"))) },
    lost: { run: () => Promise.reject(notFound({ group: "", resource: "things" }, "v")) },
  });
  engine.seen(thing("new", "1"));
  engine.seen(thing("lost", "1", "v"));
  for (const ms of [200, 400]) {
    await settled();
    await clock.advance(ms);
  }
  await settled();
  assert.deepEqual(done, ["new@1", "lost@1", "new@1", "new@1"]);
  assert.equal(clock.pending, 0);
});

test("LifeEngine: what has changed while it waited its turn is looked at anew", async (t) => {
  const gate = Promise.withResolvers<void>();
  const slow = { run: () => gate.promise.then(() => undefined) };
  const { engine, done } = start(t, { slow, new: {}, changed: {} }, 1);
  engine.seen(thing("slow", "1"));
  engine.seen(thing("new", "1", "v"));
  engine.seen(thing("changed", "2", "v"));
  gate.resolve();
  await settled();
  await settled();
  assert.deepEqual(done, ["slow@1", "changed@2"]);
});

test("LifeEngine: stop waits for what is being done, and begins nothing more", async () => {
  const gate = Promise.withResolvers<void>();
  const slow = { run: () => gate.promise.then(() => undefined) };
  const { engine, done } = start({ after() {} }, { slow, new: {} }, 1);
  engine.seen(thing("slow", "1"));
  engine.seen(thing("new", "1", "v"));
  let isStopped = false;
  const stopping = engine.stop().then(() => {
    isStopped = true;
  });
  await settled();
  assert.equal(isStopped, false);
  gate.resolve();
  await stopping;
  assert.deepEqual(done, ["slow@1"]);
});
