// Carries out the steps of a stage on its resource.

import type { KubeObject, Resource } from "#kubernetes/api";
import { parseYamlBody } from "#kubernetes/api";
import type { Client, JsonPatchOperation, Patch } from "#kubernetes/client";
import { type EventRecorder, referenceTo } from "#kubernetes/runtime";
import type { Stage, Step } from "./compile-stage.ts";
import type { StageFinalizers, StagePatch } from "./stage.ts";

export interface PlayTools {
  readonly client: Client;
  readonly recorder: EventRecorder;
}

/** The object as the last step left it; undefined: it is gone. Throws what the API server says. */
export async function playStage<T extends KubeObject>(
  { client, recorder }: PlayTools,
  resource: Resource<T>,
  object: T,
  stage: Stage,
): Promise<T | undefined> {
  let current = object;
  for (const step of stage.steps) {
    const { name = "", namespace, uid } = current.metadata;
    const key = { name, ...(namespace !== undefined && { namespace }) };
    if (step.action === "event") {
      const { type = "Normal", reason = "", message = "" } = step.event;
      const reference = referenceTo(resource, current);
      if (type === "Warning") recorder.warning(reference, reason, message);
      else recorder.normal(reference, reason, message);
    } else if (step.action === "delete") {
      await client.delete(resource, key, {
        gracePeriodSeconds: 0,
        ...(uid !== undefined && { preconditions: { uid } }),
      });
      return undefined;
    } else {
      const patch = patchOf(step, current);
      if (!patch) continue;
      const subresource = step.action === "patch" ? step.patch.subresource : undefined;
      current = await client.patch(resource, key, patch, subresource ? { subresource } : {});
    }
  }
  return current;
}

/** Undefined: there is nothing to change. */
function patchOf(step: Extract<Step, { action: "finalizers" | "patch" }>, object: KubeObject): Patch | undefined {
  if (step.action === "patch") return renderPatch(step, object);
  const body = changeFinalizers(object.metadata.finalizers ?? [], step.finalizers);
  return body.length > 0 ? { type: "json", body } : undefined;
}

function renderPatch({ patch, template }: Extract<Step, { action: "patch" }>, object: KubeObject): Patch {
  const body = parseYamlBody(template.render(object)).value;
  if (patch.type === "json") return { type: "json", body: rooted(patch, body as JsonPatchOperation[]) };
  const wrapped = patch.root ? { [patch.root]: body } : body;
  return { type: patch.type ?? "strategic", body: wrapped as object };
}

function rooted({ root }: StagePatch, operations: readonly JsonPatchOperation[]): JsonPatchOperation[] {
  return operations.map((operation) => (root ? { ...operation, path: `/${root}${operation.path}` } : operation));
}

/** The operations that lead from the finalizers there are to those there are to be. */
export function changeFinalizers(
  present: readonly string[],
  { add = [], remove = [], empty = false }: StageFinalizers,
): JsonPatchOperation[] {
  const values = (list: readonly { readonly value?: string }[]) => list.map(({ value = "" }) => value);
  const removed = new Set(values(remove));
  const kept = empty ? [] : present.filter((finalizer) => !removed.has(finalizer));
  const wanted = [...kept, ...values(add).filter((finalizer) => !kept.includes(finalizer))];
  if (wanted.length === present.length && wanted.every((finalizer, index) => finalizer === present[index])) return [];
  if (wanted.length === 0) return [{ op: "remove", path: "/metadata/finalizers" }];
  return [{ op: "add", path: "/metadata/finalizers", value: wanted }];
}
