import assert from "node:assert/strict";
import { test } from "node:test";
import { type Resource, resources, type UnknownObject } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { exitCodes, UserError } from "#shared";
import { waitUntilGone, waitUntilReady } from "./wait-until.ts";

const { signal } = new AbortController();
const deployment: UnknownObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { namespace: "default", name: "d" },
};

const resource = resources.deployments as unknown as Resource;

const untilAborted = (options?: { readonly signal?: AbortSignal }) =>
  new Promise<never>((_, reject) => options?.signal?.addEventListener("abort", () => reject(options.signal?.reason)));

/** Of a server that has just these objects, and of which nothing changes; without any it never answers. */
function fakeClient(items?: readonly UnknownObject[]): Client {
  return {
    list: async (_: unknown, options: { signal: AbortSignal }) =>
      items ? { items, resourceVersion: "1" } : untilAborted(options),
    async *watch(_: unknown, options: { signal: AbortSignal }) {
      yield await untilAborted(options);
    },
  } as unknown as Client;
}

const waiting = {
  signal,
  timeoutMs: 1,
  title: "It is",
  hints: ["look"],
  resourceOf: () => resource,
};

test("waitUntilReady: ends in time, with what was missing last", async () => {
  const stuck = { ...deployment, status: { observedGeneration: 1 } };
  await assert.rejects(waitUntilReady(fakeClient([stuck]), [deployment], waiting), (error: UserError) => {
    assert.ok(error instanceof UserError);
    assert.equal(error.message, "It is not ready after 0.001 s: Deployment default/d: 0 of 1 pods ready");
    assert.deepEqual([error.hints, error.exitCode], [["look"], exitCodes.addons]);
    return true;
  });
  await assert.rejects(
    waitUntilReady(fakeClient(), [deployment], waiting),
    /^UserError: It is not ready .*: Deployment default\/d: the API server has not answered$/,
  );
});

test("waitUntilGone: ends in time, with what keeps the object, or that nothing was answered", async () => {
  const at = { resource, key: { namespace: "default", name: "d" } };
  const kept = { ...deployment, metadata: { ...deployment.metadata, finalizers: ["x.test/y"] } };
  await assert.rejects(waitUntilGone(fakeClient([kept]), at, { signal, timeoutMs: 1 }), (error: UserError) => {
    assert.equal(error.message, "Cannot remove Deployment default/d: it is still there after 0.001 s");
    assert.deepEqual(error.hints, ["It is kept by: x.test/y."]);
    return true;
  });
  await assert.rejects(
    waitUntilGone(fakeClient(), at, { signal, timeoutMs: 1 }),
    /^UserError: Cannot remove Deployment default\/d: the API server has not answered after 0\.001 s$/,
  );
});
