// What a real kube-apiserver 1.36.2 answered to patches and applies, at this level: the recorded answers serve as live objects,
// defaults and all, and each next answer must be what comes out here.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import type { ManagedFieldsEntry } from "../generated/types.ts";
import { applyJsonPatch, readJsonPatch } from "../patch/json-patch.ts";
import { isObject, type JsonObject } from "../patch/json-value.ts";
import { applyMergePatch } from "../patch/merge-patch.ts";
import { applyStrategicMergePatch } from "../patch/strategic-merge-patch.ts";
import { type KubeObject, parseApiVersion } from "../resource.ts";
import type { ObjectSchema } from "../schema.ts";
import { StatusError } from "../status-error.ts";
import { schemaOfKind } from "../types-table.ts";
import { applyServerSide } from "./apply-server-side.ts";
import { exceptFields } from "./fields/field-filter.ts";
import { asJson, managedFieldsOf, withManagedFields } from "./object-metadata.ts";
import { trackUpdate } from "./track-update.ts";

interface Step {
  readonly request: readonly [method: string, path: string, body: unknown, headers?: Readonly<Record<string, string>>];
  readonly answer: { readonly status: number; readonly body: KubeObject };
}

const fixture = join(import.meta.dirname, "../../../../test/fixtures/recordings/kubernetes-1.36.json");
/** Generations aside: the registry counts them. */
const recordings = JSON.parse(readFileSync(fixture, "utf8"), (key, value) =>
  key === "generation" ? undefined : value,
) as Record<string, Step[]>;
/** Answers that are not given here but by the registry: names, resource versions, options, what is no JSON, validation. */
const answeredElsewhere =
  /does not match the name|has been modified|fieldManager|error decoding patch|metadata\.labels/;

for (const name of [
  "patch/strategic",
  "patch/json",
  "patch/merge",
  "apply/configmap",
  "apply/deployment",
  "apply/service-ports",
]) {
  test(`recorded: ${name}`, () => {
    const live = new Map<string, KubeObject>();
    for (const step of recordings[name]!) live.set(pathOf(step), replay(step, live.get(pathOf(step))) as KubeObject);
  });
}

test("recorded: sub/status: subresources have managers of their own, and own nothing they cannot change", () => {
  const steps = recordings["sub/status"]!.filter((step) => step.request[1].includes("deployments"));
  let live: KubeObject | undefined;
  for (const step of steps) live = replay(step, live);
});

/** Carries a step out, checks it against the answer, and gives the object that is live afterwards. */
function replay(step: Step, live: KubeObject | undefined): KubeObject | undefined {
  const { answer } = step;
  if (answer.status >= 400) return expectError(step, live);
  const tracked = track(step, live, withManagedFields(answer.body, managedFieldsOf(live)));
  assert.deepEqual(sorted(managedFieldsOf(tracked)), sorted(managedFieldsOf(answer.body)), describe(step));
  return answer.body;
}

function expectError(step: Step, live: KubeObject | undefined): KubeObject | undefined {
  const { body } = step.answer as unknown as { body: { message: string } };
  if (answeredElsewhere.test(body.message)) return live;
  try {
    patched(step, live);
  } catch (error) {
    assert.ok(error instanceof StatusError);
    assert.deepEqual(error.toStatus(), body, describe(step));
    return live;
  }
  assert.fail(`${describe(step)}: expected ${body.message}`);
}

/** The object as it would be stored, but that the answer stands for what defaulting adds. */
function track(step: Step, live: KubeObject | undefined, answered: KubeObject): KubeObject {
  const result = step.request[0] === "POST" ? answered : patched(step, live);
  // Whatever came out here, defaulting only added to it.
  assertWithin(withManagedFields(result, undefined), answered, describe(step));
  if (isApply(step)) return result;
  return trackUpdate(live, answered, ownershipOf(step, answered));
}

function patched(step: Step, live: KubeObject | undefined): KubeObject {
  const [, , body] = step.request;
  const target = asJson(live ?? ({} as KubeObject));
  switch (contentTypeOf(step)) {
    case "application/strategic-merge-patch+json":
      return applyStrategicMergePatch(target, body, schemaFor(live!)) as unknown as KubeObject;
    case "application/merge-patch+json":
      return withoutReset(step, applyMergePatch(target, body), live!);
    case "application/json-patch+json":
      return applyJsonPatch(target, readJsonPatch(body)) as KubeObject;
    default:
      return apply(step, live);
  }
}

/** What a strategy takes back: the status through the main resource, all else through /status. */
function withoutReset(step: Step, object: JsonObject, live: KubeObject): KubeObject {
  const before = asJson(live);
  if (!("status" in before)) return object as unknown as KubeObject;
  const isStatus = pathOf(step).endsWith("/status");
  const reset = isStatus ? { ...before, status: object["status"] } : { ...object, status: before["status"] };
  return reset as unknown as KubeObject;
}

function apply(step: Step, live: KubeObject | undefined): KubeObject {
  const applied = parsed(step.request[2]);
  const query = new URLSearchParams(step.request[1].split("?")[1]);
  return applyServerSide(live, applied, {
    ...ownershipOf(step, applied),
    kind: applied.kind!,
    manager: query.get("fieldManager") ?? "",
    force: query.get("force") === "true",
  });
}

/** One body is YAML of which this much is enough. */
function parsed(body: unknown): KubeObject {
  if (typeof body !== "string") return body as KubeObject;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "a" },
    spec: { ports: [{ name: "x", port: 80, bogus: 1 }] },
  } as KubeObject;
}

function ownershipOf(step: Step, object: KubeObject) {
  const isStatus = pathOf(step).endsWith("/status");
  return {
    apiVersion: object.apiVersion!,
    schema: schemaFor(object),
    manager: new URLSearchParams(step.request[1].split("?")[1]).get("fieldManager") ?? "",
    now: "<time>",
    subresource: isStatus ? "status" : "",
    ownable: exceptFields(isStatus ? ["spec"] : ["status"]),
  };
}

function schemaFor(object: KubeObject): ObjectSchema {
  const { group, version } = parseApiVersion(object.apiVersion!);
  return schemaOfKind(group, version, object.kind!)!;
}

function isApply(step: Step): boolean {
  return contentTypeOf(step) === "application/apply-patch+yaml";
}

function contentTypeOf(step: Step): string {
  return step.request[3]?.["Content-Type"] ?? "application/json";
}

function pathOf(step: Step): string {
  return step.request[1].split("?")[0]!.replace(/(deployments|configmaps|services)$/, "$1/a");
}

function describe(step: Step): string {
  return `${step.request[0]} ${step.request[1]} ${JSON.stringify(step.request[2])}`;
}

/** The recording sorted the entries by their text. */
function sorted(entries: readonly ManagedFieldsEntry[] | null | undefined): string[] {
  const flat = (entries ?? []).map((entry) =>
    JSON.stringify({ ...entry, fieldsV1: JSON.stringify(entry.fieldsV1) }, keyOrder),
  );
  return flat.toSorted();
}

const keyOrder = ["manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource"];

/** Everything in `part` is in `whole`, lists item by item. */
function assertWithin(part: unknown, whole: unknown, where: string): void {
  if (Array.isArray(part)) {
    assert.ok(Array.isArray(whole) && whole.length === part.length, `${where}: ${JSON.stringify(part)}`);
    for (const [index, item] of part.entries()) assertWithin(item, whole[index], where);
  } else if (isObject(part)) {
    assert.ok(isObject(whole), where);
    for (const [key, value] of Object.entries(part)) assertWithin(value, whole[key], `${where} ${key}`);
  } else {
    assert.deepEqual(part, whole, where);
  }
}
