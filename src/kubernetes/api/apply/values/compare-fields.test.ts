import assert from "node:assert/strict";
import test from "node:test";
import type { ListSchema } from "../../schema.ts";
import { schemaOfKind } from "../../types-table.ts";
import { leaf } from "../fields/field-set.ts";
import { makeField, makeObject } from "../testing/random-objects.ts";
import { compareFields } from "./compare-fields.ts";
import { ListItemError } from "./list-items.ts";
import { deduced } from "./ownership-shape.ts";

const pod = schemaOfKind("", "v1", "Pod")!;

test("compareFields: a new container is owned with all that is in it, each field on its own", () => {
  const before = { spec: { containers: [{ name: "c", image: "x" }] } };
  const after = {
    spec: {
      containers: [
        { name: "c", image: "y" },
        { name: "d", env: [{ name: "A", value: "1" }], args: ["a"], resources: {} },
      ],
    },
  };
  assert.deepEqual(compareFields(before, after, pod), {
    written: {
      "f:spec": {
        "f:containers": {
          'k:{"name":"c"}': { "f:image": {} },
          'k:{"name":"d"}': {
            ".": {},
            "f:args": {},
            "f:env": { ".": {}, 'k:{"name":"A"}': { ".": {}, "f:name": {}, "f:value": {} } },
            "f:name": {},
            "f:resources": {},
          },
        },
      },
    },
    removed: {},
  });
});

test("compareFields: what is gone is gone with all that was in it", () => {
  const before = { metadata: { labels: { a: "1", b: "2" } }, spec: { securityContext: { runAsUser: 1 } } };
  const after = { metadata: { labels: { a: "1" } }, spec: {} };
  assert.deepEqual(compareFields(before, after, pod), {
    written: {},
    removed: {
      "f:metadata": { "f:labels": { "f:b": {} } },
      "f:spec": { "f:securityContext": { ".": {}, "f:runAsUser": {} } },
    },
  });
});

test("compareFields: what is atomic is one field", () => {
  const before = { spec: { tolerations: [{ key: "a" }], nodeSelector: { a: "1" } } };
  const after = { spec: { tolerations: [{ key: "b" }], nodeSelector: { a: "1", b: "2" } } };
  assert.deepEqual(compareFields(before, after, pod).written, {
    "f:spec": { "f:nodeSelector": {}, "f:tolerations": {} },
  });
});

test("compareFields: the default of a key stands for a missing one", () => {
  const ports = (...items: object[]) => ({ spec: { containers: [{ name: "c", ports: items }] } });
  const { written, removed } = compareFields(
    ports({ containerPort: 80 }),
    ports({ containerPort: 80, protocol: "TCP", name: "web" }, { containerPort: 80, protocol: "UDP" }),
    pod,
  );
  assert.deepEqual(written["f:spec"]?.["f:containers"]?.['k:{"name":"c"}']?.["f:ports"], {
    'k:{"containerPort":80,"protocol":"TCP"}': { "f:name": {}, "f:protocol": {} },
    'k:{"containerPort":80,"protocol":"UDP"}': { ".": {}, "f:containerPort": {}, "f:protocol": {} },
  });
  assert.deepEqual(removed, {});
});

test("compareFields: moving items is no change, empty and missing are told apart", () => {
  const items = [{ name: "a" }, { name: "b" }];
  const move = compareFields({ spec: { containers: items } }, { spec: { containers: items.toReversed() } }, pod);
  assert.deepEqual(move, { written: {}, removed: {} });
  const emptied = compareFields({ metadata: { labels: { a: "1" } } }, { metadata: { labels: {} } }, pod);
  assert.deepEqual(emptied, { written: {}, removed: { "f:metadata": { "f:labels": { "f:a": {} } } } });
  const empty = compareFields({ metadata: {} }, { metadata: { labels: {} } }, pod);
  assert.deepEqual(empty.written, { "f:metadata": { "f:labels": {} } });
});

test("compareFields: items that occur twice count as one field, owned as a whole", () => {
  const env = (...items: object[]) => ({ spec: { containers: [{ name: "c", env: items }] } });
  const at = (set: ReturnType<typeof compareFields>["written"]) =>
    set["f:spec"]?.["f:containers"]?.['k:{"name":"c"}']?.["f:env"]?.['k:{"name":"A"}'];
  const one = { name: "A", value: "1" };
  const two = { name: "A", value: "2" };
  const whole = { ".": leaf, "f:name": leaf, "f:value": leaf };

  const came = compareFields(env(one), env(one, two), pod);
  assert.deepEqual([at(came.written), at(came.removed)], [{}, whole]);
  const went = compareFields(env(one, two), env(two), pod);
  assert.deepEqual([at(went.written), at(went.removed)], [whole, {}]);
  const changed = compareFields(env(one, two), env(two, one), pod);
  assert.deepEqual([at(changed.written), changed.removed], [{}, {}]);
  assert.deepEqual(compareFields(env(one, two), structuredClone(env(one, two)), pod), { written: {}, removed: {} });
});

test("compareFields: where anything may stand, objects are granular and lists are not", () => {
  const before = { a: { b: { c: 1 } }, list: [1], x: "text", y: { z: 1 } };
  const after = { a: { b: { c: 2 } }, list: [1, 2], x: { inner: 1 }, y: "text" };
  assert.deepEqual(compareFields(before, after, deduced), {
    written: { "f:a": { "f:b": { "f:c": {} } }, "f:list": {}, "f:x": { ".": {}, "f:inner": {} }, "f:y": {} },
    removed: { "f:y": { "f:z": {} } },
  });
});

test("compareFields: an item nobody can tell apart is an error", () => {
  const list: ListSchema = {
    kind: "list",
    items: makeObject(new Map([["k", makeField("k", { kind: "scalar", type: "string" })]])),
    structure: "map",
    keys: ["k"],
  };
  const schema = makeObject(new Map([["l", makeField("l", list)]]));
  for (const [item, message] of [
    [
      {},
      `associative list with keys has an element that omits all key fields ["k"] (and doesn't have default values for any key fields)`,
    ],
    [null, "associative list with keys may not have a null element"],
    ["x", "associative list with keys may not have non-map elements"],
  ] as const) {
    assert.throws(() => compareFields({}, { l: [item] }, schema), new ListItemError(message));
  }
});
