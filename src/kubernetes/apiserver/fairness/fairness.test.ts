import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type KubeObject, resources } from "#kubernetes/api";
import { openMemoryStore } from "#kubernetes/store";
import { FakeClock } from "#shared";
import type { Answer, Call, WatchAnswer } from "../call.ts";
import { createLiveObjects } from "../live-objects.ts";
import { makeCall } from "../make-call.ts";
import { dumpLevels } from "./dumps.ts";
import { createFairness } from "./fairness.ts";

const everything = { verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"], clusterScope: true };
const rules = [{ subjects: [{ kind: "Group", group: { name: "*" } }], resourceRules: [everything] }];

/** One level with one seat, where nobody waits, and a schema that puts everybody there. */
async function startFairness(t: TestContext) {
  const store = openMemoryStore();
  const objects = createLiveObjects(store);
  const put = async (
    resource: typeof resources.flowSchemas | typeof resources.priorityLevelConfigurations,
    object: object,
  ) => {
    const written = object as KubeObject;
    await objects.collection(resource).put(written.metadata.name ?? "", written, 0);
  };
  await put(resources.priorityLevelConfigurations, {
    metadata: { name: "one" },
    spec: { type: "Limited", limited: { nominalConcurrencyShares: 1, limitResponse: { type: "Reject" } } },
  });
  const schema = (name: string, level: string, matchingPrecedence: number) =>
    put(resources.flowSchemas, {
      metadata: { name },
      spec: { priorityLevelConfiguration: { name: level }, matchingPrecedence, rules },
    });
  await schema("one", "one", 2);
  await schema("lost", "nowhere", 1);
  const facts = { of: () => ({ stored: () => undefined, watchers: () => 0 }), observe: () => {} };
  const fairness = createFairness({ objects, clock: new FakeClock(), seats: 1, facts, onDangling: () => {} });
  t.after(() => fairness.stop());
  await fairness.ready;
  const level = () => fairness.levels()[0]!;
  return { fairness, level, levels: objects.collection(resources.priorityLevelConfigurations) };
}

function makeWatch(headers: Record<string, string> = {}): Call {
  const query = new URLSearchParams({ watch: "true", resourceVersion: "5" });
  return makeCall({ method: "GET", path: "/api/v1/namespaces", query, headers }, {});
}

const watchAnswer: WatchAnswer = { kind: "watch", status: 200, resource: {} as never, open: () => () => {} };

test("createFairness: a watch gives its seat back when it is opened, or when its client goes before that", async (t) => {
  const { fairness, level } = await startFairness(t);
  const handler = fairness.wrap(async () => watchAnswer);
  const opened = await handler(makeWatch());
  assert.equal(level().taken, 1);
  assert.ok(opened.kind === "watch");
  opened.open({ push: () => {}, end: () => {} });
  assert.equal(level().taken, 0);

  let leave = (): void => {};
  const call = makeWatch();
  call.onGone = (callback) => {
    leave = callback;
    return () => {};
  };
  await handler(call);
  assert.equal(level().taken, 1);
  leave();
  leave();
  assert.equal(level().taken, 0);
});

test("createFairness: an upgrade holds no seat once it has been answered", async (t) => {
  const { fairness, level } = await startFairness(t);
  await fairness.wrap(async () => watchAnswer)(makeWatch({ upgrade: "h2c" }));
  assert.equal(level().taken, 0);
});

test("createFairness: a level that has gone is shown as long as its requests run; a schema without its level is none", async (t) => {
  const { fairness, level, levels } = await startFairness(t);
  let answer = (_: Answer): void => {};
  const running = fairness.wrap(() => new Promise((resolve) => (answer = resolve)))(makeWatch({ upgrade: "h2c" }));
  assert.equal(level().taken, 1, "the schema that is tried first has no level");
  const stored = await levels.get("one");
  await levels.delete("one", stored!.revision);
  const shown = () => dumpLevels(fairness.levels()).trimEnd().split("\n").slice(1);
  assert.deepEqual(shown()[0]?.split(/, +/).slice(0, 6), ["one", "0", "false", "true", "0", "1"]);
  answer(watchAnswer);
  await running;
  assert.deepEqual(shown(), []);
});
