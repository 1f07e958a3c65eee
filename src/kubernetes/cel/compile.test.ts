import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, evaluate } from "./compile.ts";
import { createEnvironment } from "./environment.ts";
import { printValue } from "./values/print.ts";
import { type CelType, mapType, types } from "./values/type.ts";
import type { CelValue } from "./values/value.ts";

const environment = createEnvironment({
  variables: new Map<string, CelType>([
    ["n", types.int],
    ["s", types.string],
    ["d", types.dyn],
    ["m", mapType(types.string, types.dyn)],
  ]),
});
const variables: Readonly<Record<string, CelValue>> = { n: 5n, s: "abc", d: "text" };

function run(expression: string): string {
  const compiled = compile(expression, environment);
  if (!compiled.ok) return compiled.message;
  return printValue(evaluate(compiled.program, (name) => variables[name]).value);
}

test("evaluate: values", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["1 + 2 * 3", "7"],
    ["[1, 2, 3].all(x, x > 0)", "true"],
    ["[1, 2, 3].map(x, x * 2)", "[2, 4, 6]"],
    ["[1, 2, 3, 4].filter(x, x % 2 == 0)", "[2, 4]"],
    ["{'a': 1, 'b': 2}.exists(k, v, v == 2)", "true"],
    ["has({'a': 1}.b)", "false"],
    ["optional.of(1).optMap(v, v + 1).orValue(0)", "2"],
    ["{'a': 1}[?'b'].orValue(3)", "3"],
    ["[1, 2].transformMap(i, v, v * 2)", "{0: 2, 1: 4}"],
    ["1 / 0 == 1 || true", "true"],
    ["s.matches('^a.c$')", "true"],
    ["type(n) == int", "true"],
    ["dyn(1) == 1.0", "true"],
    ["timestamp('2020-01-01T00:00:00Z').getFullYear()", "2020"],
    ["duration('1h') + duration('1m') == duration('61m')", "true"],
  ];
  for (const [expression, value] of cases) assert.equal(run(expression), value, expression);
});

test("evaluate: errors are values", () => {
  assert.equal(run("9223372036854775807 + n"), "integer overflow");
  assert.equal(run("n / 0"), "division by zero");
  assert.equal(run("d * 2 == 4"), "no such overload");
  assert.equal(run("[1][n]"), "index out of bounds: 5");
});

test("compile: messages are cel-go's", () => {
  assert.equal(
    run("n + 'a'"),
    "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | n + 'a'\n | ..^",
  );
  assert.equal(
    run("foo(1)"),
    "ERROR: <input>:1:4: undeclared reference to 'foo' (in container '')\n | foo(1)\n | ...^",
  );
  assert.equal(run("(n"), "ERROR: <input>:1:3: Syntax error: missing ')' at '<EOF>'\n | (n\n | ..^");
});
