import assert from "node:assert/strict";
import { test } from "node:test";
import { openMemoryStore } from "./memory-store.ts";

test("openMemoryStore: writers that go on and on leave the event loop to others now and then", async () => {
  const store = openMemoryStore();
  const collection = store.collection("/registry/configmaps/");
  let isTurned = false;
  setImmediate(() => {
    isTurned = true;
  });
  let writes = 0;
  while (!isTurned) await collection.put(`n/${writes++}`, { metadata: { name: "a" } }, 0);
  assert.ok(writes > 0);
  await store.close();
});
