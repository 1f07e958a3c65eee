import assert from "node:assert/strict";
import test from "node:test";
import type { ManagedFieldsEntry } from "../generated/types.ts";
import type { KubeObject, UnknownObject } from "../resource.ts";
import { schemaOfKind } from "../types-table.ts";
import { exceptFields } from "./fields/field-filter.ts";
import { makeField, makeObject } from "./testing/random-objects.ts";
import { type RequestOwnership, trackUpdate } from "./track-update.ts";

const configMap = schemaOfKind("", "v1", "ConfigMap")!;
const deployment = schemaOfKind("apps", "v1", "Deployment")!;

test("trackUpdate: a create owns what the client set and nothing the server keeps", () => {
  const created = create({
    metadata: { name: "a", namespace: "n", uid: "u", labels: { x: "1" }, resourceVersion: "1", generation: 2 },
    data: { k: "v" },
  });
  assert.deepEqual(created.metadata.managedFields, [
    {
      manager: "m",
      operation: "Update",
      apiVersion: "v1",
      time: "t1",
      fieldsType: "FieldsV1",
      fieldsV1: { "f:data": { ".": {}, "f:k": {} }, "f:metadata": { "f:labels": { ".": {}, "f:x": {} } } },
    },
  ]);
});

test("trackUpdate: an object nobody can own anything of has no managedFields", () => {
  assert.equal(create({ metadata: { name: "a" } }).metadata.managedFields, undefined);
});

test("trackUpdate: neither object changes", () => {
  const live = freeze(create({ metadata: { name: "a", uid: "u" }, data: { k: "v" } }));
  const updated = freeze({ ...live, data: { k: "w" } });
  trackUpdate(live, updated, request({ manager: "other" }));
});

test("trackUpdate: fields go over to who writes them, and the time is that of the last change", () => {
  const live = create({ metadata: { name: "a", uid: "u" }, data: { k: "v", l: "v" } });
  const updated = trackUpdate(live, { ...live, data: { k: "w", n: "v" } }, request({ manager: "other", now: "t2" }));
  assert.deepEqual(ownersOf(updated), {
    "m t1": { "f:data": {} },
    "other t2": { "f:data": { "f:k": {}, "f:n": {} } },
  });
});

test("trackUpdate: a manager's further writes add to its entry", () => {
  const live = create({ metadata: { name: "a", uid: "u" }, data: { k: "v" } });
  const updated = trackUpdate(live, { ...live, data: { k: "v", l: "v" } }, request({ now: "t2" }));
  assert.deepEqual(ownersOf(updated), { "m t2": { "f:data": { ".": {}, "f:k": {}, "f:l": {} } } });
});

test("trackUpdate: an update that only takes away dates nothing", () => {
  const live = create({ metadata: { name: "a", uid: "u" }, data: { k: "v", l: "v" } });
  const updated = trackUpdate(live, { ...live, data: { k: "v" } }, request({ manager: "other", now: "t2" }));
  assert.deepEqual(ownersOf(updated), { "m t1": { "f:data": { ".": {}, "f:k": {} } } });
});

test("trackUpdate: an update that changes nothing gives the object itself", () => {
  const live = create({ metadata: { name: "a", uid: "u" }, data: { k: "v" } });
  assert.equal(trackUpdate(live, live, request({ manager: "other", now: "t2" })), live);
  const again = trackUpdate(live, structuredClone(live), request({ manager: "other", now: "t2" }));
  assert.equal(again.metadata.managedFields, live.metadata.managedFields);
  assert.deepEqual(again, live);
});

test("trackUpdate: managers left with nothing go", () => {
  const live = create({ metadata: { name: "a", uid: "u" }, data: { k: "v" } });
  const updated = trackUpdate(
    live,
    { metadata: live.metadata, data: undefined } as never,
    request({ manager: "other" }),
  );
  assert.equal(updated.metadata.managedFields, undefined);
});

test("trackUpdate: a subresource has a manager of its own, and cannot own what it cannot change", () => {
  const main = { apiVersion: "apps/v1", schema: deployment, ownable: exceptFields(["status"]) };
  const live = trackUpdate<UnknownObject>(
    undefined,
    { metadata: { name: "a" }, spec: { replicas: 1 }, status: { replicas: 1 } },
    request(main),
  );
  assert.deepEqual(ownersOf(live), { "m t1": { "f:spec": { "f:replicas": {} } } });
  const stored: UnknownObject = { ...live, metadata: { ...live.metadata, uid: "u" } };
  const status = request({ ...main, ownable: exceptFields(["spec"]), subresource: "status", now: "t2" });
  const updated = trackUpdate(stored, { ...stored, spec: { replicas: 2 }, status: { replicas: 2 } }, status);
  assert.deepEqual(
    updated.metadata.managedFields?.map(({ manager, subresource, fieldsV1 }) => [manager, subresource, fieldsV1]),
    [
      ["m", undefined, { "f:spec": { "f:replicas": {} } }],
      ["m", "status", { "f:status": { "f:replicas": {} } }],
    ],
  );
});

test("trackUpdate: the client may send managedFields, and ends the tracking with [] or [{}]", () => {
  const live = create({ metadata: { name: "a", uid: "u" }, data: { k: "v" } });
  const send = (managedFields: unknown, options: Partial<RequestOwnership> = {}) =>
    trackUpdate(
      live,
      { ...live, metadata: { ...live.metadata, managedFields } } as UnknownObject,
      request({ now: "t2", ...options }),
    );
  for (const reset of [[], [{}]]) {
    const untracked = send(reset);
    assert.equal(untracked.metadata.managedFields, undefined);
    const later = trackUpdate(untracked, { ...untracked, data: { k: "w" } }, request({ now: "t3" }));
    assert.equal(later.metadata.managedFields, undefined);
    assert.deepEqual(ownersOf(send(reset, { subresource: "status" })), ownersOf(live));
  }
  const own = [
    {
      manager: "x",
      operation: "Apply",
      apiVersion: "v1",
      fieldsType: "FieldsV1",
      fieldsV1: { "f:data": { "f:k": { ".": {} } } },
    },
  ];
  assert.deepEqual(ownersOf(send(own)), { "x undefined": { "f:data": { "f:k": {} } } });
  for (const kept of [undefined, null, [{ ...own[0], operation: "?" }], [{ ...own[0], fieldsV1: { bad: {} } }]]) {
    assert.deepEqual(ownersOf(send(kept)), ownersOf(live));
  }
});

test("trackUpdate: an entry without fields goes", () => {
  const live = create({ metadata: { name: "a", uid: "u" }, data: { k: "v" } });
  const entries = [
    ...live.metadata.managedFields!,
    { manager: "e", operation: "Update", apiVersion: "v1", fieldsType: "FieldsV1" },
  ];
  const updated = { ...live, metadata: { ...live.metadata, managedFields: entries } };
  assert.deepEqual(ownersOf(trackUpdate(live, updated, request())), ownersOf(live));
});

test("trackUpdate: a nameless manager is unknown", () => {
  const created = create({ metadata: { name: "a" }, data: { k: "v" } }, { manager: "" });
  assert.equal(created.metadata.managedFields?.[0]?.manager, "unknown");
});

test("trackUpdate: fields that became owned as a whole are folded", () => {
  const live = create({ metadata: { name: "a", uid: "u" }, data: { k: "v" } });
  const atomic = { ...configMap, fields: new Map(configMap.fields) };
  atomic.fields.set("data", {
    ...configMap.fields.get("data")!,
    name: "data",
    required: false,
    schema: { kind: "map", values: { kind: "scalar", type: "string" }, structure: "atomic" },
  });
  const updated = trackUpdate(live, { ...live, immutable: true }, request({ schema: atomic, manager: "other" }));
  assert.deepEqual(ownersOf(updated), { "m t1": { "f:data": {} }, "other t1": { "f:immutable": {} } });
});

test("trackUpdate: managers at other versions of the same group keep theirs, those of other groups go", () => {
  const live = create({ metadata: { name: "a", uid: "u" }, data: { k: "v", l: "v" } });
  const entry = live.metadata.managedFields![0]!;
  const managedFields = [
    { ...entry, apiVersion: "v1beta1" },
    { ...entry, manager: "gone", apiVersion: "old.example/v1" },
  ];
  const stored: UnknownObject = { ...live, metadata: { ...live.metadata, managedFields } };
  const updated = trackUpdate(stored, { ...stored, data: { k: "w", l: "v" } }, request({ manager: "other" }));
  assert.deepEqual(
    updated.metadata.managedFields?.map(({ manager, apiVersion, fieldsV1 }) => [manager, apiVersion, fieldsV1]),
    [
      ["m", "v1beta1", { "f:data": { ".": {}, "f:l": {} } }],
      ["other", "v1", { "f:data": { "f:k": {} } }],
    ],
  );
});

test("trackUpdate: managers at other versions are compared in theirs", () => {
  const text = (name: string) => makeField(name, { kind: "scalar", type: "string" });
  const v1 = makeObject(
    new Map([
      ["new", text("new")],
      ["same", text("same")],
    ]),
  );
  const v0 = makeObject(
    new Map([
      ["old", text("old")],
      ["same", text("same")],
    ]),
  );
  const convert: RequestOwnership["convert"] = (object, apiVersion) => {
    if (apiVersion !== "x/v0") return undefined;
    const { new: old, ...rest } = object;
    return { object: { ...rest, old }, schema: v0 };
  };
  const managedFields: ManagedFieldsEntry[] = [
    {
      manager: "m",
      operation: "Update",
      apiVersion: "x/v0",
      fieldsType: "FieldsV1",
      fieldsV1: { "f:old": {}, "f:same": {} },
    },
    { manager: "gone", operation: "Update", apiVersion: "x/v9", fieldsType: "FieldsV1", fieldsV1: { "f:same": {} } },
  ];
  const live: UnknownObject = { metadata: { uid: "u", managedFields }, new: "1", same: "1" };
  const updated = trackUpdate(
    live,
    { ...live, new: "2" },
    request({ apiVersion: "x/v1", schema: v1, convert, manager: "n" }),
  );
  assert.deepEqual(ownersOf(updated), { "m undefined": { "f:same": {} }, "n t1": { "f:new": {} } });
});

test("trackUpdate: an object with items nobody can tell apart loses its managedFields", () => {
  const live = create({ metadata: { name: "a", uid: "u", finalizers: ["x"] } });
  const updated = trackUpdate(
    live,
    { ...live, metadata: { ...live.metadata, finalizers: ["x", null] } } as never,
    request(),
  );
  assert.equal((updated as KubeObject).metadata.managedFields, undefined);
});

test("trackUpdate: many updaters are folded", () => {
  let live = create({ metadata: { name: "a", uid: "u" }, data: { k: "v" } });
  for (let index = 10; index < 30; index++) {
    const now = `2026-01-01T00:00:${index}Z`;
    live = trackUpdate(
      live,
      { ...live, data: { ...(live["data"] as object), [`k${index}`]: "v" } },
      request({ manager: `m${index}`, now }),
    );
  }
  const names = live.metadata.managedFields!.map(({ manager }) => manager);
  assert.deepEqual(names, ["ancient-changes", ...Array.from({ length: 9 }, (_, index) => `m${21 + index}`)]);
});

function create(object: Record<string, unknown>, options: Partial<RequestOwnership> = {}): UnknownObject {
  return trackUpdate(
    undefined,
    { apiVersion: "v1", kind: "ConfigMap", ...object } as unknown as UnknownObject,
    request(options),
  );
}

function request(options: Partial<RequestOwnership> = {}): RequestOwnership {
  return { apiVersion: "v1", schema: configMap, manager: "m", now: "t1", ...options };
}

/** From "manager time" to fields. */
function ownersOf(object: KubeObject): Record<string, unknown> {
  const entries = object.metadata.managedFields ?? [];
  return Object.fromEntries(entries.map(({ manager, time, fieldsV1 }) => [`${manager} ${time}`, fieldsV1]));
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value;
}
