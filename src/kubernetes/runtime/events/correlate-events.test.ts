import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "#kubernetes/api";
import { FakeClock } from "#shared";
import { EventCorrelator } from "./correlate-events.ts";
import { eventName } from "./event-recorder.ts";

const event = (message: string, reason = "Created"): Event => ({
  metadata: { name: `web.${message}`, namespace: "a" },
  involvedObject: { kind: "ReplicaSet", namespace: "a", name: "web", uid: "1" },
  source: { component: "test" },
  type: "Normal",
  reason,
  message,
  count: 1,
  firstTimestamp: "2026-01-01T00:00:00Z",
  lastTimestamp: "2026-01-01T00:00:00Z",
});

test("EventCorrelator: the same event again counts the first one up", () => {
  const correlator = new EventCorrelator(new FakeClock());
  const first = correlator.correlate(event("x"));
  const again = correlator.correlate({ ...event("x"), metadata: { name: "other", namespace: "a" } });
  assert.equal(first.action, "create");
  assert.ok(again.action === "countUp");
  assert.equal(again.event.count, 2);
  assert.equal(again.event.metadata.name, "web.x");
  assert.equal(again.key, first.key);
});

test("EventCorrelator: from ten messages for one reason on, they are one event", () => {
  const clock = new FakeClock();
  const correlator = new EventCorrelator(clock);
  const results = Array.from({ length: 12 }, (_, n) => correlator.correlate(event(`pod-${n}`)));
  assert.deepEqual(
    results.map(({ action }) => action),
    [...Array(10).fill("create"), "countUp", "countUp"],
  );
  const last = results[11]!;
  assert.ok(last.action === "countUp");
  assert.equal(last.event.message, "(combined from similar events): pod-11");
  assert.equal(last.event.count, 3);
});

test("EventCorrelator: ten minutes without a similar one, and they are told apart again", async () => {
  const clock = new FakeClock();
  const correlator = new EventCorrelator(clock);
  for (let n = 0; n < 12; n++) correlator.correlate(event(`pod-${n}`));
  await clock.advance(600_001);
  const next = correlator.correlate(event("pod-20"));
  assert.ok(next.action === "create");
  assert.equal(next.event.message, "pod-20");
});

test("EventCorrelator: 25 at once about one object, then one every five minutes", async () => {
  const clock = new FakeClock();
  const correlator = new EventCorrelator(clock);
  const send = () => correlator.correlate(event("x")).action !== "drop";
  assert.equal(Array.from({ length: 40 }, send).filter(Boolean).length, 25);
  await clock.advance(300_000);
  assert.deepEqual([send(), send()], [true, false]);
});

test("eventName: the object's name and a stamp, never twice", () => {
  const names = new Set(Array.from({ length: 100 }, () => eventName("web", 1_767_225_600_000)));
  assert.equal(names.size, 100);
  assert.match([...names][0]!, /^web\.[0-9a-f]{16}$/);
  assert.equal(eventName("x".repeat(253), 1).length, 253);
});
