import assert from "node:assert/strict";
import { test } from "node:test";
import { type Pod, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { compileStage } from "./compile-stage.ts";
import { changeFinalizers, type PlayTools, playStage } from "./play-stage.ts";
import type { StageSpec } from "./stage.ts";
import { templateFunctions } from "./template/functions.ts";

const pod: Pod = {
  metadata: { namespace: "n", name: "a", uid: "u", finalizers: ["x", "y"] },
  spec: { containers: [] },
};

/** What a stage does, in order. */
async function play(spec: Partial<StageSpec>): Promise<{ calls: unknown[]; after: Pod | undefined }> {
  const calls: unknown[] = [];
  const client = {
    async patch(_resource: unknown, key: unknown, patch: object, options: object) {
      calls.push({ patch, ...(key as object), ...options });
      return pod;
    },
    async delete(_resource: unknown, _key: unknown, options: object) {
      calls.push({ delete: options });
    },
  } as unknown as Client;
  const recorder = {
    normal: (_object: unknown, reason: string, message: string) => calls.push({ reason, message }),
    warning: (_object: unknown, reason: string) => calls.push({ warning: reason }),
  } as unknown as PlayTools["recorder"];
  const stage = compileStage(
    { metadata: { name: "s" }, spec: { resourceRef: { kind: "Pod" }, selector: {}, ...spec } },
    templateFunctions,
  )!;
  return { after: await playStage({ client, recorder }, resources.pods, pod, stage), calls };
}

const key = { namespace: "n", name: "a" };

test("playStage: event, then status, as strategic merge", async () => {
  const next = {
    event: { type: "Normal", reason: "Created", message: "it is" },
    statusTemplate: "phase: {{ .metadata.name }}",
  };
  const { calls, after } = await play({ next });
  const patch = { type: "strategic", body: { status: { phase: "a" } } };
  assert.deepEqual(calls, [
    { reason: "Created", message: "it is" },
    { patch, ...key, subresource: "status" },
  ]);
  assert.equal(after, pod);
});

test("playStage: JSON patches lie below their root", async () => {
  const template = '[{"op":"add","path":"/labels/a","value":"b"}]';
  const { calls } = await play({ steps: [{ patch: { type: "json", root: "metadata", template } }] });
  const body = [{ op: "add", path: "/metadata/labels/a", value: "b" }];
  assert.deepEqual(calls, [{ patch: { type: "json", body }, ...key }]);
});

test("playStage: a deletion is of this very pod, at once, and ends the stage", async () => {
  const { calls, after } = await play({ steps: [{ delete: true }, { event: { reason: "Late" } }] });
  assert.deepEqual(calls, [{ delete: { gracePeriodSeconds: 0, preconditions: { uid: "u" } } }]);
  assert.equal(after, undefined);
});

test("changeFinalizers: adds, removes, empties; nothing where nothing changes", () => {
  const add = (value: string) => ({ add: [{ value }] });
  assert.deepEqual(changeFinalizers(["x"], add("x")), []);
  assert.deepEqual(changeFinalizers(["x"], add("y")), [{ op: "add", path: "/metadata/finalizers", value: ["x", "y"] }]);
  assert.deepEqual(changeFinalizers(["x"], { empty: true }), [{ op: "remove", path: "/metadata/finalizers" }]);
  assert.deepEqual(changeFinalizers(["x", "y"], { remove: [{ value: "x" }] }), [
    { op: "add", path: "/metadata/finalizers", value: ["y"] },
  ]);
});
