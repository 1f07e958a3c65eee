import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePath, printFound } from "./find.ts";

const pod = {
  metadata: { name: "a", labels: { "app.example/x": "1" } },
  spec: {
    containers: [
      { name: "c1", image: "i1" },
      { name: "c2", image: "i2" },
    ],
  },
  status: {
    conditions: [
      { type: "Ready", status: "True" },
      { type: "Other", status: "False" },
    ],
    count: 2,
  },
};

test("compilePath: finds what kubectl's paths lead to", () => {
  const rows: [string, unknown[]][] = [
    [".metadata.name", ["a"]],
    [".metadata.missing.deeper", []],
    [".metadata.labels.app\\.example/x", ["1"]],
    [".metadata.labels['app\\.example/x']", ["1"]],
    [".spec.containers[0].name", ["c1"]],
    [".spec.containers[-1].name", ["c2"]],
    [".spec.containers[*].name", ["c1", "c2"]],
    [".spec.containers[0,1].image", ["i1", "i2"]],
    [".spec.containers[:1].image", ["i1"]],
    ['.status.conditions[?(@.type=="Ready")].status', ["True"]],
    [".status.conditions[?(@.type!='Ready')].status", ["False"]],
    [".status.conditions[?(@.missing)].status", []],
    [".status.count", [2]],
    ["..image", ["i1", "i2"]],
  ];
  for (const [path, expected] of rows) assert.deepEqual(compilePath(path)?.(pod), expected, path);
});

test("compilePath: what cannot be parsed is no path", () => {
  for (const path of [".spec.containers[", ".a[?(@.b==]", ".a[x]"]) assert.equal(compilePath(path), undefined, path);
});

test("printFound: texts as they are, others as JSON or as Go prints them", () => {
  assert.equal(printFound("x"), "x");
  assert.equal(printFound({ a: [1] }), '{"a":[1]}');
  assert.equal(printFound(true), "true");
  assert.equal(printFound(1.5), "1.5");
});
