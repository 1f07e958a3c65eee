// What checking one value against a schema found, told the way upstream's OpenAPI validator tells it.

import {
  child,
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from "../../field-error.ts";
import { encodeJson } from "../../json/encode.ts";
import { sortKeys } from "../list-types.ts";

/** One problem. `text` is the validator's whole message: the same message is told once. */
export interface Problem {
  readonly kind: "required" | "enum" | "too-long" | "too-many" | "type" | "invalid" | "plain";
  /** From the validated value down: "spec.size", "" for the value itself. */
  readonly path: string;
  readonly text: string;
  readonly value?: unknown;
  readonly actual?: number;
  readonly limit?: number;
  readonly allowed?: readonly unknown[];
}

/** Problems of a value and everything below it, and how much of the schema it met: of several schemas that fail, the best is told. */
export class Outcome {
  readonly problems: Problem[] = [];
  matched = 0;

  add(problem: Problem): void {
    if (this.problems.every(({ text }) => text !== problem.text)) this.problems.push(problem);
  }

  merge(other: Outcome): void {
    for (const problem of other.problems) this.add(problem);
    this.matched += other.matched;
  }
}

/** The problems as field errors below `path`; "" where the value is the whole object. */
export function fieldErrorsOf(outcome: Outcome, path: string): FieldError[] {
  return outcome.problems.map((problem) => fieldErrorOf(problem, path));
}

function fieldErrorOf(problem: Problem, root: string): FieldError {
  const name = problem.path.replace(/^\./, "");
  const field = name === "" ? root || wholeObject : child(root, name);
  switch (problem.kind) {
    case "required":
      return required(field);
    case "enum":
      return notSupported(field, shown(problem.value ?? null), (problem.allowed ?? []).map(textOfAllowed));
    case "too-long":
      return tooLong(field, problem.limit!);
    case "too-many":
      return tooMany(field, problem.actual!, problem.limit!);
    case "type":
      return typeInvalid(field, shown(problem.value ?? ""), problem.text);
    case "invalid":
      return invalid(field, shown(problem.value ?? ""), problem.text);
    case "plain":
      return invalid(root || wholeObject, "", problem.text);
  }
}

/** How a path of no steps is written. */
export const wholeObject = "<nil>";

function textOfAllowed(value: unknown): string {
  return typeof value === "string" ? value : encodeJson(sortKeys(value));
}

function shown(value: unknown): unknown {
  return sortKeys(value);
}
