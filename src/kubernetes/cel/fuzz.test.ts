import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, evaluate } from "./compile.ts";
import { fromJson } from "./schema/json-values.ts";
import { hostileExpressions } from "./testing/hostile-expressions.ts";
import { mutate, randomExpression, randomNumbers, randomTokens } from "./testing/random-expression.ts";
import { environmentOf, type Variables } from "./testing/run-cases.ts";
import { showValue } from "./testing/show-value.ts";
import { listType, mapType, types } from "./values/type.ts";
import { isError } from "./values/value.ts";

const variables: Variables = {
  n: { type: types.int, value: 3n },
  s: { type: types.string, value: "a".repeat(200) },
  l: { type: listType(types.int), value: fromJson([3, 1, 2]) },
  m: { type: mapType(types.string, types.int), value: fromJson({ a: 1, b: 2 }) },
  d: { type: types.dyn, value: fromJson({ a: { a: [1, "x", null, 1.5] }, "0": true }) },
};
const environment = environmentOf(variables);
const COST_LIMIT = 1_000_000;

interface Outcome {
  /** What is wrong with it; absent for what compiles. */
  readonly problem?: string;
  readonly hasValue: boolean;
}

/** Compiles and evaluates; whatever is thrown fails the test, and so does what breaks the limits. */
function exercise(expression: string): Outcome {
  const compiled = compile(expression, environment);
  if (!compiled.ok) {
    assert.notEqual(compiled.message, "");
    return { problem: compiled.message, hasValue: false };
  }
  const { program } = compiled;
  const estimate = program.estimate(() => undefined);
  assert.ok(estimate.min >= 0 && estimate.max >= estimate.min, expression);
  const { value, cost } = evaluate(program, (name) => variables[name]?.value, { costLimit: COST_LIMIT });
  const again = evaluate(program, (name) => variables[name]?.value, { costLimit: COST_LIMIT });
  assert.equal(again.cost, cost, expression);
  if (cost <= COST_LIMIT) assert.equal(showValue(again.value), showValue(value), expression);
  return { hasValue: !isError(value) };
}

test("hostile expressions break nothing, and none takes long", () => {
  for (const expression of hostileExpressions) {
    const start = process.cpuUsage();
    exercise(expression);
    const { user } = process.cpuUsage(start);
    assert.ok(user < 5_000_000, `${user} µs: ${expression.slice(0, 100)}`);
  }
});

test("tokens by chance break nothing", () => {
  const below = randomNumbers(1);
  for (let round = 0; round < 4_000; round++) exercise(randomTokens(below));
});

test("sound expressions by chance: all are understood, many have a value", () => {
  const below = randomNumbers(2);
  let values = 0;
  for (let round = 0; round < 1_500; round++) {
    const expression = randomExpression(below);
    const { problem = "", hasValue } = exercise(expression);
    // Only constants that cannot be converted are refused.
    assert.doesNotMatch(problem, /Syntax error|overload|undeclared|expected type/, expression);
    if (hasValue) values++;
  }
  assert.ok(values > 500, `${values} have a value`);
});

test("sound expressions, changed by chance, break nothing", () => {
  const below = randomNumbers(3);
  for (let round = 0; round < 3_000; round++) exercise(mutate(randomExpression(below, 3), below));
});
