// The keywords of strings: maxLength, minLength, pattern. Only the first that is broken is told.

import { compilePattern } from "../../regular-expression.ts";
import type { JsonSchema } from "../json-schema.ts";
import type { Outcome, Problem } from "./outcome.ts";

export function checkString(value: string, schema: JsonSchema, path: string, outcome: Outcome): void {
  const { maxLength, minLength, pattern } = schema;
  if (maxLength === undefined && minLength === undefined && !pattern) return;
  const problem = lengthProblem(value, schema, path) ?? patternProblem(value, pattern, path);
  if (problem) outcome.add(problem);
}

function lengthProblem(value: string, { maxLength, minLength }: JsonSchema, path: string): Problem | undefined {
  if (maxLength !== undefined && value.length > maxLength && countCharacters(value) > maxLength) {
    const text = `${path} in body should be at most ${maxLength} chars long`;
    return { kind: "too-long", path, text, limit: maxLength };
  }
  if (minLength !== undefined && countCharacters(value) < minLength) {
    return { kind: "invalid", path, text: `${path} in body should be at least ${minLength} chars long`, value };
  }
  return undefined;
}

/** Code points, as Go counts runes. */
function countCharacters(text: string): number {
  let count = 0;
  for (const _character of text) count++;
  return count;
}

function patternProblem(value: string, pattern: string | undefined, path: string): Problem | undefined {
  if (!pattern) return undefined;
  const { matches, problem } = compilePattern(pattern);
  if (problem !== undefined) {
    const shown = `${pattern}, but pattern is invalid: ${problem}`;
    return { kind: "invalid", path, text: `${path} in body should match '${shown}'`, value };
  }
  if (matches(value)) return undefined;
  return { kind: "invalid", path, text: `${path} in body should match '${pattern}'`, value };
}
