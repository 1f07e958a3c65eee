import assert from "node:assert/strict";
import test from "node:test";
import { StatusError } from "../status-error.ts";
import { applyJsonPatch, readJsonPatch } from "./json-patch.ts";

const document = deepFreeze({
  data: { a: "1", b: "2", "x/y": "slash", "m~n": "tilde" },
  list: [{ name: "c" }, { name: "d" }],
  untouched: { deep: { er: 1 } },
  nothing: null,
});

test("applyJsonPatch: carries out each operation in order", () => {
  const patched = patch([
    { op: "test", path: "/data/a", value: "1" },
    { op: "replace", path: "/data/a", value: "9" },
    { op: "move", from: "/data/b", path: "/data/c" },
    { op: "add", path: "/list/1", value: { name: "between" } },
    { op: "add", path: "/list/-", value: { name: "last" } },
    { op: "copy", from: "/list/0", path: "/first" },
    { op: "replace", path: "/first/name", value: "changed" },
    { op: "remove", path: "/data/x~1y" },
    { op: "remove", path: "/data/m~0n" },
  ]);
  assert.deepEqual(patched, {
    data: { a: "9", c: "2" },
    list: [{ name: "c" }, { name: "between" }, { name: "d" }, { name: "last" }],
    untouched: { deep: { er: 1 } },
    nothing: null,
    first: { name: "changed" },
  });
});

test("applyJsonPatch: shares what no operation reaches, and all of it where nothing changes", () => {
  const patched = patch([{ op: "replace", path: "/list/0/name", value: "x" }]) as typeof document;
  assert.equal(patched.untouched, document.untouched);
  assert.equal(patched.data, document.data);
  assert.equal(patched.list[1], document.list[1]);
  assert.equal(patch([{ op: "test", path: "/data/a", value: "1" }]), document);
  assert.equal(patch([]), document);
});

test("applyJsonPatch: reads the RFC as evanphx/json-patch does", () => {
  assert.deepEqual(patch([{ op: "replace", path: "/data/new", value: 1 }], { data: {} }), { data: { new: 1 } });
  assert.deepEqual(patch([{ op: "add", path: "/l/-1", value: 3 }], { l: [1, 2] }), { l: [1, 2, 3] });
  assert.deepEqual(patch([{ op: "remove", path: "/l/-1" }], { l: [1, 2] }), { l: [1] });
  assert.deepEqual(patch([{ op: "remove", path: "/l/+01" }], { l: [1, 2] }), { l: [1] });
  assert.deepEqual(patch([{ op: "add", path: "skipped/a", value: 1 }], {}), { a: 1 });
  assert.deepEqual(patch([{ op: "add", path: "/a" }], {}), { a: null });
  assert.deepEqual(patch([{ op: "copy", from: "/none", path: "/a" }], {}), { a: null });
  assert.deepEqual(patch([{ op: "replace", path: "", value: [1] }], {}), [1]);
  for (const operation of [
    { op: "test", path: "/none", value: null },
    { op: "test", path: "/nothing" },
    { op: "test", path: "", value: document },
  ]) {
    assert.equal(patch([operation]), document);
  }
});

test("applyJsonPatch: a failing operation is Invalid in generic words, with the reason as cause", () => {
  const reasons: [operation: object, reason: string][] = [
    [
      { op: "remove", path: "/data/none" },
      "error in remove for path: '/data/none': Unable to remove nonexistent key: none: missing value",
    ],
    [{ op: "test", path: "/data/a", value: "2" }, "testing value /data/a failed: test failed"],
    [{ op: "add", path: "", value: 1 }, 'add operation does not apply: doc is missing path: "": missing value'],
    [
      { op: "add", path: "/none/a", value: 1 },
      'add operation does not apply: doc is missing path: "/none/a": missing value',
    ],
    [
      { op: "add", path: "/list/9", value: 1 },
      "error in add for path: '/list/9': Unable to access invalid index: 9: invalid index referenced",
    ],
    [
      { op: "add", path: "/list/x", value: 1 },
      `error in add for path: '/list/x': value was not a proper array index: 'x': strconv.Atoi: parsing "x": invalid syntax`,
    ],
    [
      { op: "replace", path: "/list/2", value: 1 },
      "replace operation does not apply: doc is missing key: /list/2: missing value",
    ],
    [
      { op: "replace", path: "/data/a/b", value: 1 },
      "replace operation does not apply: doc is missing path: /data/a/b: missing value",
    ],
    [{ op: "replace", path: "", value: 1 }, "replace operation value must be object or array"],
    [
      { op: "move", from: "/none", path: "/x" },
      "error in move for path: 'none': Unable to remove nonexistent key: none: missing value",
    ],
    [{ op: "move", path: "/x" }, "move operation failed to decode from: operation, missing from field: missing value"],
    [
      { op: "copy", from: "/data/a", path: "/none/x" },
      "copy operation does not apply: doc is missing destination path: /none/x: missing value",
    ],
    [{ op: "test", value: 1 }, "test operation failed to decode path: operation missing path field: missing value"],
    [{ op: "bogus", path: "/x" }, "Unexpected kind: bogus"],
    [{ path: "/x" }, "Unexpected kind: unknown"],
  ];
  for (const [operation, reason] of reasons) {
    const error = refuse(() => patch([operation]));
    assert.deepEqual(error.toStatus(), {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: "the server rejected our request due to an error in our request",
      reason: "Invalid",
      details: {},
      code: 422,
    });
    assert.equal((error.cause as Error).message, reason);
  }
});

test("applyJsonPatch: never reaches an object's prototype", () => {
  for (const path of ["/__proto__/polluted", "/data/__proto__", "/constructor/prototype/polluted"]) {
    assert.throws(() => patch([{ op: "add", path, value: true }]), StatusError);
  }
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
});

test("applyJsonPatch: limits what copying may add", () => {
  const text = { op: "add", path: "/text", value: "x".repeat(1024 * 1024) };
  const copies = [0, 1, 2].map((index) => ({ op: "copy", from: "/text", path: `/copy${index}` }));
  const error = refuse(() => patch([text, ...copies]));
  assert.equal(
    (error.cause as Error).message,
    "Unable to complete the copy, the accumulated size increase of copy is 3145734, exceeding the limit 3145728",
  );
});

test("readJsonPatch: refuses what is no list of operations, in the decoder's words", () => {
  const refusals: [body: unknown, message: string][] = [
    [{ op: "x" }, "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"],
    ["x", "error decoding patch: json: cannot unmarshal string into Go value of type []handlers.jsonPatchOp"],
    [[1], "error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp"],
    [
      [{ op: 1 }],
      "error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string",
    ],
  ];
  for (const [body, message] of refusals) {
    const error = refuse(() => readJsonPatch(body));
    assert.deepEqual([error.code, error.reason, error.message], [400, "BadRequest", message]);
  }
  assert.deepEqual(readJsonPatch(null).operations, []);
});

test("readJsonPatch: names unknown fields for strict validation", () => {
  const { strictErrors } = readJsonPatch([
    { op: "test", path: "", value: {}, extra: 1 },
    { op: "test", path: "", why: 1 },
  ]);
  assert.deepEqual(strictErrors, ['json patch unknown field "[0].extra"', 'json patch unknown field "[1].why"']);
});

test("readJsonPatch: takes ten thousand operations and no more", () => {
  const operation = { op: "test", path: "", value: {} };
  assert.equal(readJsonPatch(new Array(10_000).fill(operation)).operations.length, 10_000);
  const error = refuse(() => readJsonPatch(new Array(10_001).fill(operation)));
  assert.equal(error.code, 413);
  assert.equal(
    error.message,
    "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001",
  );
});

function patch(operations: readonly object[], target: unknown = document): unknown {
  return applyJsonPatch(target, readJsonPatch(operations));
}

function refuse(act: () => unknown): StatusError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return error;
  }
  assert.fail("expected a StatusError");
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
