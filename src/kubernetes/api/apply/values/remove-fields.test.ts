import assert from "node:assert/strict";
import test from "node:test";
import { schemaOfKind } from "../../types-table.ts";
import { removeFields } from "./remove-fields.ts";

const pod = schemaOfKind("", "v1", "Pod")!;
const object = {
  metadata: { labels: { a: "1" }, finalizers: ["x", "y"] },
  spec: { containers: [{ name: "c", image: "i" }, { name: "d" }], tolerations: [{ key: "k" }] },
};

test("removeFields: takes fields and items with all below them", () => {
  const fields = {
    "f:metadata": { "f:finalizers": { 'v:"x"': {} } },
    "f:spec": { "f:containers": { 'k:{"name":"c"}': { "f:image": {} }, 'k:{"name":"d"}': {} }, "f:tolerations": {} },
  };
  const rest = removeFields(object, fields, pod);
  assert.deepEqual(rest, {
    metadata: { labels: { a: "1" }, finalizers: ["y"] },
    spec: { containers: [{ name: "c" }] },
  });
  assert.equal((rest["metadata"] as typeof object.metadata).labels, object.metadata.labels);
});

test("removeFields: a record or list that loses all that was in it stays, empty", () => {
  const fields = {
    "f:metadata": { "f:labels": { "f:a": {} }, "f:finalizers": { 'v:"x"': {}, 'v:"y"': {} } },
    "f:spec": { "f:containers": { 'k:{"name":"d"}': { "f:name": {} } } },
  };
  assert.deepEqual(removeFields(object, fields, pod), {
    metadata: { labels: {}, finalizers: [] },
    spec: { containers: [{ name: "c", image: "i" }, {}], tolerations: [{ key: "k" }] },
  });
});

test("removeFields: nothing to remove gives the object itself", () => {
  assert.equal(removeFields(object, { "f:spec": { "f:hostNetwork": {} }, "f:status": {} }, pod), object);
});
