import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, silentLogger } from "#shared";
import { createController } from "./controller.ts";
import { done, type Reconcile, requeueAfter, TerminalError } from "./reconciler.ts";
import type { Watch } from "./watch.ts";

/** Enough turns of the event loop for what can happen to have happened. */
async function turn(): Promise<void> {
  for (let n = 0; n < 3; n++) await new Promise((resolve) => setImmediate(resolve));
}

/** A controller with a watch that has nothing to tell; keys are added by hand. */
function start(reconcile: Reconcile, options: { workers?: number; synced?: Promise<void> } = {}) {
  const clock = new FakeClock();
  let isAttached = false;
  const watch: Watch = {
    attach() {
      isAttached = true;
      return () => {
        isAttached = false;
      };
    },
    synced: () => options.synced ?? Promise.resolve(),
  };
  const { workers } = options;
  const controller = createController({
    name: "test",
    reconcile,
    watches: [watch],
    clock,
    logger: silentLogger,
    ...(workers && { workers }),
  });
  controller.start();
  return { controller, clock, isAttached: () => isAttached };
}

test("createController: begins only when the watches have synced", async () => {
  const synced = Promise.withResolvers<void>();
  const keys: string[] = [];
  const { controller } = start(
    async (key) => {
      keys.push(key);
      return done;
    },
    { synced: synced.promise },
  );
  controller.queue.add("a");
  await turn();
  assert.deepEqual(keys, []);
  synced.resolve();
  await turn();
  assert.deepEqual(keys, ["a"]);
  await controller.stop();
});

test("createController: never two runs for one key, at most `workers` at once", async () => {
  const running = new Set<string>();
  let most = 0;
  let count = 0;
  const { controller, clock } = start(
    async (key, context) => {
      assert.ok(!running.has(key));
      running.add(key);
      most = Math.max(most, running.size);
      await context.clock.sleep(10);
      running.delete(key);
      count++;
      return done;
    },
    { workers: 3 },
  );
  for (let n = 0; n < 10; n++) controller.queue.add(`k${n % 5}`);
  await turn();
  for (let n = 0; n < 5; n++) controller.queue.add(`k${n}`);
  for (let n = 0; n < 5; n++) {
    await clock.advance(10);
    await turn();
  }
  assert.equal(most, 3);
  assert.equal(count, 8, "five keys, three of them again because they changed while worked on");
  await controller.stop();
});

test("createController: the four outcomes", async () => {
  const runs: string[] = [];
  const { controller, clock } = start(async (key) => {
    runs.push(key);
    const isFirst = runs.filter((run) => run === key).length === 1;
    if (key === "requeued" && isFirst) return requeueAfter(1000);
    if (key === "failing" && isFirst) throw new Error("once");
    if (key === "terminal") throw new TerminalError("for good");
    return done;
  });
  for (const key of ["fine", "requeued", "failing", "terminal"]) controller.queue.add(key);
  await turn();
  assert.deepEqual(runs, ["fine", "requeued", "failing", "terminal"]);
  await clock.advance(5);
  await turn();
  assert.equal(runs[4], "failing");
  assert.equal(controller.queue.retries("failing"), 0);
  await clock.advance(1000);
  await turn();
  assert.deepEqual(runs.slice(5), ["requeued"]);
  await clock.advance(10_000_000);
  assert.equal(runs.length, 6);
  await controller.stop();
});

test("createController: stop waits for what runs, fires its signal, and detaches", async () => {
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  let wasAborted = false;
  const { controller, isAttached } = start(async (_, { signal }) => {
    started.resolve();
    await release.promise;
    wasAborted = signal.aborted;
    return done;
  });
  controller.queue.add("a");
  await started.promise;
  let isStopped = false;
  const stopped = controller.stop().then(() => {
    isStopped = true;
  });
  await turn();
  assert.equal(isStopped, false);
  assert.equal(isAttached(), false);
  release.resolve();
  await stopped;
  assert.ok(wasAborted);
});

test("createController: reconciles that never wait still let the event loop turn", async () => {
  let count = 0;
  const { controller } = start(async () => {
    const end = performance.now() + 1;
    while (performance.now() < end);
    count++;
    return done;
  });
  for (let n = 0; n < 100; n++) controller.queue.add(String(n));
  await turn();
  assert.ok(count > 0 && count < 50, `${count} in three turns`);
  await controller.stop();
});
