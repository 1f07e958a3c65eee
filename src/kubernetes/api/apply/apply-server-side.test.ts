import assert from "node:assert/strict";
import test from "node:test";
import type { KubeObject, UnknownObject } from "../resource.ts";
import type { ObjectSchema } from "../schema.ts";
import { StatusError } from "../status-error.ts";
import { schemaOfKind } from "../types-table.ts";
import { type ApplyRequest, applyServerSide } from "./apply-server-side.ts";
import { exceptFields } from "./fields/field-filter.ts";
import { makeField, makeObject, Random, randomObject, randomSchema } from "./testing/random-objects.ts";
import { trackUpdate } from "./track-update.ts";
import { deduced } from "./values/ownership-shape.ts";

const configMap = schemaOfKind("", "v1", "ConfigMap")!;
const deployment = schemaOfKind("apps", "v1", "Deployment")!;

test("apply: creates the object with what is applied, owned leaf by leaf", () => {
  const created = apply(undefined, { data: { a: "1" } });
  assert.deepEqual(created, {
    ...configMapOf({ a: "1" }),
    metadata: {
      name: "a",
      managedFields: [
        {
          manager: "m",
          operation: "Apply",
          apiVersion: "v1",
          time: "t1",
          fieldsType: "FieldsV1",
          fieldsV1: { "f:data": { "f:a": {} } },
        },
      ],
    },
  });
});

test("apply: what vanished from the configuration goes, what others wrote stays", () => {
  const first = apply(undefined, { data: { a: "1", b: "1" } });
  const updated = update(first, { ...first, data: { a: "1", b: "1", c: "1" } });
  const second = apply(updated, { data: { a: "1" } }, { now: "t2" });
  assert.deepEqual(second["data"], { a: "1", c: "1" });
  assert.deepEqual(ownersOf(second), {
    "m Apply t2": { "f:data": { "f:a": {} } },
    "u Update t1": { "f:data": { "f:c": {} } },
  });
});

test("apply: what another applier also applied stays, and is the other's alone", () => {
  const first = apply(undefined, { data: { a: "1", b: "1" } });
  const shared = apply(first, { data: { a: "1" } }, { manager: "n" });
  const second = apply(shared, { data: { b: "1" } });
  assert.deepEqual(second["data"], { a: "1", b: "1" });
  assert.deepEqual(ownersOf(second), {
    "m Apply t1": { "f:data": { "f:b": {} } },
    "n Apply undefined": { "f:data": { "f:a": {} } },
  });
});

test("apply: items go with all others wrote into them, unless another applier has them too", () => {
  const containers = (...items: object[]) => ({ spec: { template: { spec: { containers: items } } } });
  const options = { schema: deployment, apiVersion: "apps/v1", kind: "Deployment" };
  const [a, b] = [
    { name: "a", image: "x" },
    { name: "b", image: "x" },
  ];
  const first = apply(undefined, containers(a, b), options);
  const written = update(first, { ...first, ...containers(a, { ...b, tty: true }) }, options);
  assert.deepEqual(apply(written, containers(a), options)["spec"], containers(a).spec);
  const shared = apply(written, containers({ name: "b" }), { ...options, manager: "n" });
  const kept = apply(shared, containers(a), options);
  assert.deepEqual(kept["spec"], containers(a, { name: "b", tty: true }).spec);
});

test("apply: a map that loses its last entry stays, empty", () => {
  const first = apply(undefined, { data: { a: "1" } });
  const second = update(first, { ...first, data: { a: "1", b: "2" } });
  assert.deepEqual(apply(update(second, { ...second, data: { a: "1" } }), { data: {} })["data"], {});
  assert.equal("data" in apply(first, {}), false);
});

test("apply: changing what others own is a conflict that names every field", () => {
  const first = apply(undefined, { data: { a: "1", b: "1" } });
  const second = update(first, { ...first, metadata: { ...first.metadata, labels: { x: "1" } }, immutable: true });
  const error = refuse(() => apply(second, { data: { a: "2" } }, { manager: "n" }));
  assert.deepEqual(
    [error.code, error.reason, error.message],
    [409, "Conflict", 'Apply failed with 1 conflict: conflict with "m": .data.a'],
  );
  assert.deepEqual(error.details, {
    causes: [{ reason: "FieldManagerConflict", message: 'conflict with "m"', field: ".data.a" }],
  });

  const wished = { metadata: { name: "a", labels: { x: "2" } }, data: { a: "2", b: "2" }, immutable: false };
  assert.equal(
    refuse(() => apply(second, wished, { manager: "n" })).message,
    [
      'Apply failed with 4 conflicts: conflicts with "m":',
      "- .data.a",
      "- .data.b",
      'conflicts with "u" using v1:',
      "- .immutable",
      "- .metadata.labels.x",
    ].join("\n"),
  );
});

test("apply: a conflict names the subresource its manager wrote through", () => {
  const first = update(undefined, { metadata: { name: "a" }, data: { a: "1" } } as unknown as UnknownObject, {
    subresource: "status",
  });
  const error = refuse(() => apply(first, { data: { a: "2" } }));
  assert.equal(
    error.message,
    'Apply failed with 1 conflict: conflict with "u" with subresource "status" using v1: .data.a',
  );
});

test("apply: force takes over what others own; the same value is shared without", () => {
  const first = apply(undefined, { data: { a: "1", b: "1" } });
  const forced = apply(first, { data: { a: "2" } }, { manager: "n", force: true, now: "t2" });
  assert.deepEqual(ownersOf(forced), {
    "m Apply t1": { "f:data": { "f:b": {} } },
    "n Apply t2": { "f:data": { "f:a": {} } },
  });
  const shared = apply(first, { data: { a: "1" } }, { manager: "n" });
  assert.deepEqual(Object.keys(ownersOf(shared)), ["m Apply t1", "n Apply undefined"]);
});

test("apply: the same configuration again changes nothing at all", () => {
  const first = apply(undefined, { data: { a: "1" }, metadata: { name: "a", labels: { x: "y" } } });
  assert.equal(apply(first, { data: { a: "1" }, metadata: { name: "a", labels: { x: "y" } } }, { now: "t2" }), first);
});

test("apply: neither the live object nor the configuration changes", () => {
  const first = apply(undefined, { data: { a: "1", b: "1" } });
  const before = structuredClone(first);
  const applied = configMapOf({ a: "2" }) as unknown as KubeObject;
  applyServerSide(first, applied, request({ force: true, manager: "n" }));
  applyServerSide(first, applied, request());
  assert.deepEqual(first, before);
  assert.deepEqual(applied, configMapOf({ a: "2" }));
});

test("apply: to an object nobody tracked, all there was belongs to before-first-apply", () => {
  const live = {
    ...configMapOf({ a: "1", b: "1" }),
    metadata: { name: "a", uid: "u", labels: { x: "1" } },
  } as UnknownObject;
  const applied = apply(live, { data: { a: "1" } });
  assert.deepEqual(ownersOf(applied), {
    "m Apply undefined": { "f:data": { "f:a": {} } },
    "before-first-apply Update t1": {
      "f:data": { ".": {}, "f:a": {}, "f:b": {} },
      "f:metadata": { "f:labels": { ".": {}, "f:x": {} } },
    },
  });
  const error = refuse(() => apply(live, { data: { a: "2" } }));
  assert.equal(error.message, 'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a');
});

test("apply: fields a strategy resets are not owned", () => {
  const applied = apply(undefined, { data: { a: "1" }, immutable: true }, { ownable: exceptFields(["data"]) });
  assert.deepEqual(ownersOf(applied), { "m Apply t1": { "f:immutable": {} } });
});

test("apply: refuses another kind or version, managedFields, and what does not fit the schema", () => {
  const refusals: [applied: object, code: number, reason: string, message: string][] = [
    [{ kind: "Secret" }, 400, "BadRequest", "invalid object type: /v1, Kind=Secret"],
    [{ apiVersion: "v2" }, 400, "BadRequest", "invalid object type: /v2, Kind=ConfigMap"],
    [{ apiVersion: undefined, kind: undefined }, 400, "BadRequest", "invalid object type: /, Kind="],
    [{ metadata: { name: "a", managedFields: [] } }, 400, "BadRequest", "metadata.managedFields must be nil"],
    [
      { metadata: { name: "a", namespace: "n" }, data: { a: 1 } },
      500,
      "",
      "failed to create typed patch object (n/a; /v1, Kind=ConfigMap): .data.a: expected string, got &value.valueUnstructured{Value:1}",
    ],
  ];
  for (const [applied, code, reason, message] of refusals) {
    const error = refuse(() => apply(undefined, applied));
    assert.deepEqual([error.code, error.reason, error.message], [code, reason, message]);
  }
  const broken = { ...configMapOf({}), metadata: { managedFields: [{ manager: "m" }] } } as unknown as UnknownObject;
  assert.equal(
    refuse(() => apply(broken, {})).message,
    "failed to decode managed fields: operation must be `Apply` or `Update`",
  );
});

test("apply: an applier keeps its fields when it comes to speak another version", () => {
  const text = (name: string) => makeField(name, { kind: "scalar", type: "string" });
  const schemas: Record<string, ObjectSchema> = {
    "x/v1": makeObject(new Map(["apiVersion", "kind", "old", "same"].map((name) => [name, text(name)]))),
    "x/v2": makeObject(new Map(["apiVersion", "kind", "new", "same"].map((name) => [name, text(name)]))),
  };
  const convert: ApplyRequest["convert"] = ({ old, new: fresh, ...rest }, apiVersion) => {
    const value = old ?? fresh;
    const field = apiVersion === "x/v1" ? "old" : "new";
    return {
      object: { ...rest, apiVersion, ...(value !== undefined && { [field]: value }) },
      schema: schemas[apiVersion]!,
    };
  };
  const at = (apiVersion: string) => ({ apiVersion, kind: "X", schema: schemas[apiVersion]!, convert });
  const first = applyServerSide<UnknownObject>(
    undefined,
    { apiVersion: "x/v1", kind: "X", old: "1", same: "1" } as never,
    request(at("x/v1")),
  );
  const stored = { ...convert(first as never, "x/v2")!.object } as unknown as UnknownObject;
  const second = applyServerSide(stored, { apiVersion: "x/v2", kind: "X", same: "1" } as never, request(at("x/v2")));
  assert.deepEqual([second["new"], second["same"]], [undefined, "1"]);
  assert.deepEqual(ownersOf(second), { "m Apply t1": { "f:same": {} } });
});

test("apply: kubectl takes over from client-side apply what is still as that set it, and keeps the annotation up", () => {
  const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";
  const annotate = (data: object) => ({
    [lastApplied]: JSON.stringify({ ...configMapOf(data), metadata: { name: "a" } }),
  });
  const object = {
    ...configMapOf({ a: "1", b: "changed" }),
    metadata: { name: "a", annotations: annotate({ a: "1", b: "1" }) },
  };
  const live = update(undefined, object as unknown as UnknownObject, { manager: "kubectl-client-side-apply" });

  const taken = apply(live, { data: { a: "2" } }, { manager: "kubectl" });
  assert.deepEqual(taken["data"], { a: "2", b: "changed" });
  assert.equal(
    (taken.metadata.annotations as Record<string, string>)[lastApplied],
    '{"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"a"}}\n',
  );
  assert.equal(refuse(() => apply(live, { data: { a: "2" } }, { manager: "other" })).reason, "Conflict");
  assert.equal(
    refuse(() => apply(live, { data: { a: "2", b: "2" } }, { manager: "kubectl" })).message,
    'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.b',
  );
  const invalid = {
    ...live,
    metadata: { ...live.metadata, annotations: { [lastApplied]: "no JSON" } },
  } as UnknownObject;
  assert.equal(refuse(() => apply(invalid, { data: { a: "2" } }, { manager: "kubectl" })).reason, "Conflict");
});

test("apply: twice is as good as once, on random objects and configurations", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Random(seed);
    const schema = withIdentity(randomSchema(random));
    const options = { schema, force: true };
    let live: UnknownObject | undefined;
    for (let step = 0; step < 5; step++) {
      const object = identified(randomObject(random, schema));
      live = random.chance(0.3)
        ? update(live, { ...object, metadata: live?.metadata ?? {} }, { ...options, manager: `u${random.below(2)}` })
        : applyServerSide(live, object, request({ ...options, manager: `m${random.below(2)}` }));
    }
    const applied = identified(randomObject(random, schema));
    const once = applyServerSide(live, applied, request(options));
    const twice = applyServerSide(once, applied, request({ ...options, now: "t2" }));
    assert.equal(twice, once, `seed ${seed}`);
  }
});

function withIdentity(schema: ObjectSchema): ObjectSchema {
  const identity = ["apiVersion", "kind", "metadata"].map((name) => makeField(name, deduced));
  return makeObject(new Map([...schema.fields, ...identity.map((field) => [field.name, field] as const)]));
}

function identified(object: Record<string, unknown>): UnknownObject {
  return { apiVersion: "v1", kind: "ConfigMap", ...object } as unknown as UnknownObject;
}

function configMapOf(data: object): Record<string, unknown> {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data };
}

function apply(live: UnknownObject | undefined, applied: object, options: Partial<ApplyRequest> = {}): UnknownObject {
  const { apiVersion, kind } = request(options);
  return applyServerSide(
    live,
    { apiVersion, kind, metadata: { name: "a" }, ...applied } as KubeObject,
    request(options),
  );
}

function update(
  live: UnknownObject | undefined,
  object: UnknownObject,
  options: Partial<ApplyRequest> = {},
): UnknownObject {
  return trackUpdate(live, object, { ...request(options), manager: options.manager ?? "u" });
}

function request(options: Partial<ApplyRequest> = {}): ApplyRequest {
  return { apiVersion: "v1", kind: "ConfigMap", schema: configMap, manager: "m", force: false, now: "t1", ...options };
}

/** From "manager operation time" to fields. */
function ownersOf(object: KubeObject): Record<string, unknown> {
  const entries = object.metadata.managedFields ?? [];
  return Object.fromEntries(
    entries.map(({ manager, operation, time, fieldsV1 }) => [`${manager} ${operation} ${time}`, fieldsV1]),
  );
}

function refuse(act: () => unknown): StatusError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return error;
  }
  assert.fail("expected a StatusError");
}
