import assert from "node:assert/strict";
import { test } from "node:test";
import { resources } from "#kubernetes/api";
import { createEventRecorder, createSeriesRecorder, referenceTo } from "#kubernetes/runtime";
import { FakeClock } from "#shared";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";

const key = { namespace: "default", name: "thing" };

test("Event recorder: what repeats is counted, what differs slightly is folded together", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ clock });
  const { client } = cluster;
  const thing = await client.create(resources.configMaps, { metadata: key });
  const recorder = createEventRecorder({ client, component: "tester", clock });
  const regarding = referenceTo(resources.configMaps, thing);
  for (let turn = 0; turn < 3; turn++) {
    recorder.warning(regarding, "Failed", "it failed");
    await recorder.flush();
    await clock.advance(1000);
  }
  const { items } = await client.list(resources.events, { namespace: "default" });
  assert.deepEqual(
    items.map(({ count, message, type, source, firstTimestamp, lastTimestamp }) => [
      count,
      message,
      type,
      source?.component,
      firstTimestamp,
      lastTimestamp,
    ]),
    [[3, "it failed", "Warning", "tester", "2026-01-01T00:00:00Z", "2026-01-01T00:00:02Z"]],
  );
  assert.match(items[0]?.metadata.name ?? "", /^thing\.[0-9a-f]+$/);
  for (let turn = 0; turn < 12; turn++) recorder.normal(regarding, "Pulled", `pulled ${turn}`);
  await recorder.flush();
  const pulled = (await client.list(resources.events)).items.filter(({ reason }) => reason === "Pulled");
  assert.ok(pulled.some(({ message }) => message?.startsWith("(combined from similar events): ")));
  await recorder.stop();
});

test("Event recorder: an event that is gone is made anew", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ clock });
  const { client } = cluster;
  const thing = await client.create(resources.configMaps, { metadata: key });
  const recorder = createEventRecorder({ client, component: "tester", clock });
  const record = async () => {
    recorder.normal(referenceTo(resources.configMaps, thing), "Seen", "seen");
    await recorder.flush();
    return (await client.list(resources.events)).items;
  };
  const [event] = await record();
  await client.delete(resources.events, { namespace: "default", name: event?.metadata.name ?? "" });
  const [again] = await record();
  assert.equal(again?.count, 2);
  await recorder.stop();
});

test("Series recorder: what repeats becomes a series", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ clock });
  const { client } = cluster;
  const thing = await client.create(resources.configMaps, { metadata: key });
  const recorder = createSeriesRecorder({
    client,
    reportingController: "tester",
    reportingInstance: "tester-1",
    clock,
  });
  const event = {
    regarding: referenceTo(resources.configMaps, thing),
    type: "Warning",
    reason: "FailedScheduling",
    action: "Scheduling",
    note: "no room",
  } as const;
  for (let turn = 0; turn < 3; turn++) {
    recorder.record(event);
    await recorder.flush();
  }
  const { items } = await client.list(resources.eventsV1Events);
  assert.equal(items.length, 1);
  assert.deepEqual([items[0]?.note, items[0]?.reportingController, items[0]?.series?.count], ["no room", "tester", 2]);
  await recorder.stop();
});
