import assert from "node:assert/strict";
import { test } from "node:test";
import { labelNode, waitForNodes } from "#addons";
import { resources } from "#kubernetes/api";
import { startApi } from "../../support/addons/start-api.ts";

const { signal } = new AbortController();

test("waitForNodes: resolves when the last of them is Ready, told by the watch", async (t) => {
  const client = await startApi(t);
  const progress: string[][] = [];
  const waiting = waitForNodes(client, ["a", "b"], { signal, onProgress: (missing) => progress.push([...missing]) });
  for (const name of ["a", "b", "c"]) {
    await client.create(resources.nodes, { metadata: { name } });
    const status = { conditions: [{ type: "Ready", status: "True" }] };
    await client.patch(resources.nodes, { name }, { type: "merge", body: { status } }, { subresource: "status" });
  }
  await waiting;
  assert.deepEqual(progress[0], ["a", "b"]);
});

test("labelNode: gives labels, takes away those it gave before, leaves others' alone", async (t) => {
  const client = await startApi(t);
  await client.create(resources.nodes, { metadata: { name: "a", labels: { theirs: "1" } } });
  await labelNode(client, "a", { one: "1", two: "2" }, signal);
  await labelNode(client, "a", { two: "3" }, signal);
  const { metadata } = await client.get(resources.nodes, { name: "a" });
  assert.deepEqual(metadata.labels, { theirs: "1", two: "3" });
});
