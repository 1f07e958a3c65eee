// Finds what a path leads to. What is missing on the way is no error: the path then leads nowhere.

import { printGo } from "../go-print.ts";
import { encodeJson } from "../json/encode.ts";
import { isObject, valueAt } from "../patch/json-value.ts";
import { type PathStep, parsePath, type Slice } from "./parse.ts";

/** Everything the path leads to, in order. Throws where an index lies outside a list. */
export function findValues(root: unknown, steps: readonly PathStep[]): readonly unknown[] {
  return steps.reduce<readonly unknown[]>((values, step) => values.flatMap((value) => follow(value, step)), [root]);
}

/** A path such as ".spec.size" as a function; undefined for one that cannot be parsed. */
export function compilePath(path: string): ((root: unknown) => readonly unknown[]) | undefined {
  try {
    const steps = parsePath(path);
    return (root) => findValues(root, steps);
  } catch {
    return undefined;
  }
}

/** A value as JSONPath prints it. */
export function printFound(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? encodeJson(value) : printGo(value);
}

function follow(value: unknown, step: PathStep): readonly unknown[] {
  switch (step.kind) {
    case "field":
      return fieldOf(value, step.name);
    case "wildcard":
      return typeof value === "object" && value !== null ? Object.values(value) : [];
    case "recursive":
      return descendantsOf(value);
    case "slice":
      return Array.isArray(value) ? sliceOf(value, step.slice) : [];
    case "union":
      return step.paths.flatMap((path) => findValues(value, path));
    case "filter":
      return itemsOf(value).filter((item) => isWanted(item, step));
    case "literal":
      return [step.value];
  }
}

function fieldOf(value: unknown, name: string): readonly unknown[] {
  if (!isObject(value)) return [];
  const found = valueAt(value, name);
  return found === undefined || found === null ? [] : [found];
}

function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

function descendantsOf(value: unknown): readonly unknown[] {
  return [value, ...itemsOf(value).flatMap(descendantsOf)];
}

function sliceOf(list: readonly unknown[], { from, to, step = 1, isIndex }: Slice): readonly unknown[] {
  const at = (index: number) => (index < 0 ? index + list.length : index);
  const start = from === undefined ? 0 : at(from);
  if (isIndex) {
    if (start < 0 || start >= list.length)
      throw new RangeError(`array index out of bounds: index ${start}, length ${list.length}`);
    return [list[start]];
  }
  const end = to === undefined ? list.length : Math.min(at(to), list.length);
  return list.slice(Math.max(start, 0), Math.max(end, 0)).filter((_item, index) => index % Math.max(step, 1) === 0);
}

function isWanted(item: unknown, { left, operator, right }: Extract<PathStep, { kind: "filter" }>): boolean {
  const found = findValues(item, left);
  if (operator === "exists") return found.length > 0;
  if (found.length === 0) return false;
  const wanted = findValues(item, right);
  if (wanted.length === 0) return false;
  return compare(found[0], wanted[0], operator);
}

function compare(found: unknown, wanted: unknown, operator: string): boolean {
  if (typeof found !== typeof wanted) return false;
  const [a, b] = [found as string, wanted as string];
  switch (operator) {
    case "<":
      return a < b;
    case ">":
      return a > b;
    case "<=":
      return a <= b;
    case ">=":
      return a >= b;
    case "==":
      return a === b;
    default:
      return a !== b;
  }
}
