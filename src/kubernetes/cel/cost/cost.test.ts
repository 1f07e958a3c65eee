import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, evaluate, type Program } from "../compile.ts";
import { fromJson } from "../schema/json-values.ts";
import { environmentOf, type Variables } from "../testing/run-cases.ts";
import { listType, mapType, types } from "../values/type.ts";
import { isError } from "../values/value.ts";

const variables: Variables = {
  n: { type: types.int, value: 3n },
  s: { type: types.string, value: "abcdefghijklmnopqrst" },
  l: { type: listType(types.int), value: fromJson([1, 2, 3]) },
  m: { type: mapType(types.string, types.int), value: fromJson({ a: 1 }) },
};
const environment = environmentOf(variables);
const sizes: Readonly<Record<string, number>> = { s: 20, l: 3, m: 1 };
const find = (name: string) => variables[name]?.value;

function programOf(expression: string): Program {
  const compiled = compile(expression, environment);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.program;
}

/** Expression, estimate at least and at most, and what it cost. */
const costs: readonly (readonly [string, number, number, number])[] = [
  ["true", 0, 0, 0],
  ["n", 1, 1, 1],
  ["n + 1", 2, 2, 2],
  ["[1, n]", 11, 11, 11],
  ["{'a': n}", 31, 31, 31],
  ["s == s", 3, 4, 4],
  ["s + s", 2, 6, 6],
  ["s.contains('abc')", 1, 3, 3],
  ["s.matches('a.*z')", 2, 4, 4],
  ["l.all(x, x > 0)", 2, 17, 17],
  ["l.exists(x, x == 1)", 2, 20, 11],
  ["l.map(x, x * 2)", 12, 54, 44],
  ["n in l", 2, 5, 5],
  ["m.a", 2, 2, 2],
  ["m['a'] + 1", 3, 3, 3],
  ["n > 1 ? 1 : 2", 2, 2, 2],
  ["n > 1 && s == 'a'", 2, 4, 4],
  ["l.sum()", 1, 4, 4],
  ["s.upperAscii()", 1, 3, 3],
  ["s.find('a+')", 2, 4, 4],
  ["sets.contains(l, l)", 3, 12, 12],
  ["l.distinct()", 12, 30, 30],
  ["s.split('')", 1, 5, 5],
  ["size(s)", 2, 2, 2],
  ["quantity('1').isGreaterThan(quantity('2'))", 3, 3, 3],
  ["optional.of(n).value()", 3, 3, 3],
];

test("costs, estimated and real", () => {
  for (const [expression, min, max, real] of costs) {
    const program = programOf(expression);
    const estimate = program.estimate((path) => sizes[path.join(".")]);
    assert.deepEqual([estimate.min, estimate.max, evaluate(program, find).cost], [min, max, real], expression);
  }
});

test("estimate: without a known size it is as large as can be", () => {
  assert.ok(programOf("l.all(x, x > 0)").estimate(() => undefined).max > 1e18);
});

test("evaluate: stops at its limit", () => {
  const { value, cost } = evaluate(programOf("l.map(x, l.map(y, x * y))"), find, { costLimit: 50 });
  assert.ok(isError(value) && cost > 50);
  assert.equal(value.message, "operation cancelled: actual cost limit exceeded");
});

test("evaluate: what costs too much by its arguments is never begun", () => {
  const start = process.cpuUsage();
  assert.ok(isError(evaluate(programOf("lists.range(10000000).distinct()"), find).value));
  assert.ok(process.cpuUsage(start).user < 1_000_000);
});

test("evaluate: stops when nobody wants the value any more", () => {
  const signal = AbortSignal.abort();
  const { value } = evaluate(programOf("lists.range(100000).all(x, x >= 0)"), find, { signal });
  assert.ok(isError(value));
  assert.equal(value.message, "operation interrupted");
});
