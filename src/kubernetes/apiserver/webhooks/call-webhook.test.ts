import assert from "node:assert/strict";
import { test } from "node:test";
import { startWebhook } from "../../../../test/support/webhooks/webhook-server.ts";
import type { LiveObjects } from "../live-objects.ts";
import { createWebhookCaller } from "./call-webhook.ts";

const noObjects: LiveObjects = {
  get: async () => undefined,
  list: async () => [],
  collection: () => assert.fail("nothing is read"),
};

test("createWebhookCaller: a connection that went stale is replaced", async (t) => {
  const webhook = await startWebhook();
  const caller = createWebhookCaller(noObjects);
  t.after(async () => {
    caller.close();
    await webhook[Symbol.asyncDispose]();
  });
  const client = { name: "w", ...webhook.clientConfig() };
  const ask = () => caller.call(client, { request: { uid: "u" } }, { timeoutMs: 10_000 });
  await ask();
  webhook.dropNext();
  assert.deepEqual(await ask(), {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: { uid: "u", allowed: true },
  });
});
