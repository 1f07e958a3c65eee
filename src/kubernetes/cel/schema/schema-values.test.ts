import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, evaluate } from "../compile.ts";
import { createEnvironment } from "../environment.ts";
import { showValue } from "../testing/show-value.ts";
import { bindSchema } from "./bind-schema.ts";
import { declareSchema } from "./declare-schema.ts";
import { nameTypes, provideTypes } from "./declared-type.ts";
import type { OpenApiSchema } from "./open-api.ts";

interface Bound {
  readonly schema: OpenApiSchema;
  readonly self: unknown;
  readonly other?: unknown;
}

/** What an expression over `self` and `other`, values by a schema, comes to. */
function runOn({ schema, self, other }: Bound, expression: string): string {
  const declared = nameTypes(declareSchema(schema, false)!, "selfType");
  const environment = createEnvironment({
    variables: new Map([
      ["self", declared.type],
      ["other", declared.type],
    ]),
    types: provideTypes(declared),
  });
  const compiled = compile(expression, environment);
  if (!compiled.ok) return compiled.message.split("\n")[0]!.replace(/^ERROR: <input>:/, "");
  const bind = bindSchema(schema);
  return showValue(evaluate(compiled.program, (name) => bind(name === "self" ? self : other)).value);
}

const object = (properties: Readonly<Record<string, OpenApiSchema>>): OpenApiSchema => ({ type: "object", properties });

test("values by schema: numbers and formats", () => {
  const schema = object({
    i: { type: "integer" },
    d: { type: "number" },
    when: { type: "string", format: "date-time" },
    day: { type: "string", format: "date" },
    span: { type: "string", format: "duration" },
    raw: { type: "string", format: "byte" },
  });
  const self = { i: 1, d: 2, when: "2020-01-01T00:00:00Z", day: "2020-01-02", span: "1m", raw: "aGk=" };
  const on = (expression: string) => runOn({ schema, self }, expression);
  assert.equal(on("self.i + 1"), "2");
  assert.equal(on("self.d * 1.5"), "3.0");
  assert.equal(on("self.when < timestamp('2021-01-01T00:00:00Z')"), "true");
  assert.equal(on("self.day - self.when"), "duration(86400s)");
  assert.equal(on("self.span.getSeconds()"), "60");
  assert.equal(on("string(self.raw)"), '"hi"');
  assert.equal(on("self.i + self.d"), "1:8: found no matching overload for '_+_' applied to '(int, double)'");
});

test("values by schema: fields", () => {
  const schema = object({ "a-b": { type: "string" }, n: { type: "integer" }, unknown: {} });
  const on = (expression: string) => runOn({ schema, self: { "a-b": "x" } }, expression);
  assert.equal(on("self.a__dash__b"), '"x"');
  assert.equal(on("has(self.n)"), "false");
  assert.equal(on("self.n"), "no such key: n");
  assert.equal(on("self.missing"), "1:5: undefined field 'missing'");
  assert.equal(on("self.unknown"), "1:5: undefined field 'unknown'");
  assert.equal(on("self.?n.orValue(5)"), "5");
});

test("values by schema: int or string", () => {
  const schema = object({ port: { "x-kubernetes-int-or-string": true } });
  const on = (port: unknown) =>
    runOn({ schema, self: { port } }, "type(self.port) == int ? self.port < 10 : self.port == 'http'");
  assert.equal(on(5), "true");
  assert.equal(on("http"), "true");
  assert.equal(on("x"), "false");
});

test("values by schema: sets are equal in any order; their sum is a union", () => {
  const schema: OpenApiSchema = { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" };
  const on = (expression: string) => runOn({ schema, self: ["a", "b"], other: ["b", "a"] }, expression);
  assert.equal(on("self == other"), "true");
  assert.equal(on("self + other"), '["a", "b"]');
  assert.equal(on("self + ['c']"), '["a", "b", "c"]');
  assert.equal(on("self == ['a']"), "false");
});

test("values by schema: lists that are maps are equal by keys; what is added replaces", () => {
  const schema: OpenApiSchema = {
    type: "array",
    items: object({ k: { type: "string" }, v: { type: "integer" } }),
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["k"],
  };
  const a = { k: "a", v: 1 };
  const b = { k: "b", v: 2 };
  const on = (other: unknown, expression: string) => runOn({ schema, self: [a, b], other }, expression);
  assert.equal(on([b, a], "self == other"), "true");
  assert.equal(on([b], "self == other"), "false");
  assert.equal(on([{ k: "a", v: 9 }], "(self + other).map(x, x.v)"), "[9, 2]");
  assert.equal(on([{ k: "c", v: 3 }], "(self + other).map(x, x.k)"), '["a", "b", "c"]');
});

test("values by schema: embedded resources have type and metadata", () => {
  const schema = object({
    template: { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
  });
  const self = { template: { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, more: 1 } };
  const on = (expression: string) => runOn({ schema, self }, expression);
  assert.equal(on("self.template.kind + self.template.metadata.name"), '"Podx"');
  assert.equal(on("self.template.more"), "1:14: undefined field 'more'");
});
