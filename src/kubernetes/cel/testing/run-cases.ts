// For tests: expressions against what they come to, both as text.

import assert from "node:assert/strict";
import type { Environment } from "../checker/environment.ts";
import { compile, evaluate } from "../compile.ts";
import { createEnvironment } from "../environment.ts";
import type { CelType } from "../values/type.ts";
import type { CelValue } from "../values/value.ts";
import { showValue } from "./show-value.ts";

/** Expressions, each with its value, or with its error. */
export type Cases = Readonly<Record<string, string>>;

export interface Variable {
  readonly type: CelType;
  readonly value?: CelValue;
}

export interface Variables {
  readonly [name: string]: Variable;
}

export function environmentOf(variables: Variables): Environment {
  return createEnvironment({
    variables: new Map(Object.entries(variables).map(([name, { type }]) => [name, type])),
  });
}

/** The value of an expression, its error, or what is wrong with it. */
export function run(expression: string, variables: Variables = {}): string {
  const compiled = compile(expression, environmentOf(variables));
  if (!compiled.ok) return compiled.message;
  return showValue(evaluate(compiled.program, (name) => variables[name]?.value).value);
}

/** The first line of what is wrong with an expression, without the place's prefix. */
export function problemOf(expression: string, variables: Variables = {}): string {
  const compiled = compile(expression, environmentOf(variables));
  if (compiled.ok) return "";
  const [first] = compiled.problems;
  return first ? compiled.message.split("\n")[0]!.replace("ERROR: <input>:", "") : compiled.message;
}

export function runCases(cases: Cases, variables: Variables = {}): void {
  for (const [expression, expected] of Object.entries(cases)) {
    assert.equal(run(expression, variables), expected, expression);
  }
}

export function problemCases(cases: Cases, variables: Variables = {}): void {
  for (const [expression, expected] of Object.entries(cases)) {
    assert.equal(problemOf(expression, variables), expected, expression);
  }
}
