// One requirement of a label selector: what it asks of an object's labels, whether it is well formed, how it is written.

import { describeFieldError, type FieldError, invalid, notSupported } from "../field-error.ts";
import { checkLabelValue, checkQualifiedName } from "../names.ts";

/** The operators as selectors write them; "exists" and "!" have none of their own on the right of a key. */
export type LabelOperator = "in" | "notin" | "=" | "==" | "!=" | "gt" | "lt" | "exists" | "!";

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

/** The selector is no selector; the message is upstream's. */
export class SelectorError extends Error {
  override readonly name = "SelectorError";
}

export const binaryOperators: readonly LabelOperator[] = ["in", "notin", "=", "==", "!=", "gt", "lt"];

/** A requirement that was checked; throws SelectorError. */
export function makeRequirement(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  const errors = checkRequirement(key, operator, values);
  if (errors.length > 0) throw new SelectorError(joinErrors(errors));
  return { key, operator, values };
}

/** What a key must look like, as the error it gives where it stands under `field`. */
export function checkKey(key: string, field: string): FieldError[] {
  const problems = checkQualifiedName(key);
  return problems.length === 0 ? [] : [invalid(field, key, problems.join("; "))];
}

/** Messages as upstream joins them: one alone, several in brackets. */
export function joinErrors(errors: readonly FieldError[]): string {
  const messages = [...new Set(errors.map(describeFieldError))];
  return messages.length === 1 ? (messages[0] ?? "") : `[${messages.join(", ")}]`;
}

function checkRequirement(key: string, operator: LabelOperator, values: readonly string[]): FieldError[] {
  const errors = [...checkKey(key, "key"), ...checkValueCount(operator, values)];
  for (const [index, value] of values.entries()) {
    const problems = checkLabelValue(value);
    if (problems.length > 0) errors.push(invalid(`values[${index}][${key}]`, value, problems.join("; ")));
  }
  return errors;
}

function checkValueCount(operator: LabelOperator, values: readonly string[]): FieldError[] {
  const wrong = (detail: string) => [invalid("values", values.length === 0 ? undefined : values, detail)];
  switch (operator) {
    case "in":
    case "notin":
      return values.length === 0 ? wrong("for 'in', 'notin' operators, values set can't be empty") : [];
    case "=":
    case "==":
    case "!=":
      return values.length === 1 ? [] : wrong("exact-match compatibility requires one single value");
    case "exists":
    case "!":
      return values.length === 0 ? [] : wrong("values set must be empty for exists and does not exist");
    case "gt":
    case "lt":
      return [
        ...(values.length === 1 ? [] : wrong("for 'Gt', 'Lt' operators, exactly one value is required")),
        ...checkIntegers(values),
      ];
    default:
      return [notSupported("operator", operator, [...binaryOperators, "exists", "!"])];
  }
}

function checkIntegers(values: readonly string[]): FieldError[] {
  const detail = "for 'Gt', 'Lt' operators, the value must be an integer";
  return values.flatMap((value, index) =>
    parseInt64(value) === undefined ? [invalid(`values[${index}]`, value, detail)] : [],
  );
}

/** A test of labels, made once for many objects. */
export function compileRequirement({ key, operator, values }: LabelRequirement): (labels: Labels) => boolean {
  const [only = ""] = values;
  const has = values.length === 1 ? (value: unknown) => value === only : memberOf(values);
  // Labels are plain objects: a key such as "constructor" finds what is no string where there is no such label.
  switch (operator) {
    case "in":
    case "=":
    case "==":
      return (labels) => has(labels[key]);
    case "notin":
    case "!=":
      return (labels) => !has(labels[key]);
    case "exists":
      return (labels) => typeof labels[key] === "string";
    case "!":
      return (labels) => typeof labels[key] !== "string";
    case "gt":
    case "lt":
      return compileOrder(key, operator, parseInt64(only));
  }
}

function memberOf(values: readonly string[]): (value: unknown) => boolean {
  const set: ReadonlySet<unknown> = new Set(values);
  return (value) => set.has(value);
}

function compileOrder(key: string, operator: "gt" | "lt", bound: bigint | undefined): (labels: Labels) => boolean {
  return (labels) => {
    const text: unknown = labels[key];
    const value = typeof text === "string" ? parseInt64(text) : undefined;
    if (value === undefined || bound === undefined) return false;
    return operator === "gt" ? value > bound : value < bound;
  };
}

/** Go's strconv.ParseInt in base 10. */
function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = text.startsWith("+") ? BigInt(text.slice(1)) : BigInt(text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** "a in (x,y)": as upstream writes it, values in order. */
export function formatRequirement({ key, operator, values }: LabelRequirement): string {
  const list = [...values].sort().join(",");
  switch (operator) {
    case "exists":
      return key;
    case "!":
      return `!${key}`;
    case "in":
    case "notin":
      return `${key} ${operator} (${list})`;
    case "gt":
      return `${key}>${list}`;
    case "lt":
      return `${key}<${list}`;
    default:
      return `${key}${operator}${list}`;
  }
}
