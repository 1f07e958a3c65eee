// The functions of jq understood here. Each answers any number of values for one input.

import type { JqFilter, JqValue } from "./jq.ts";

export class JqError extends Error {
  override readonly name = "JqError";
}

type JqFunction = (input: JqValue, args: readonly JqFilter[]) => Iterable<JqValue>;

/** By name and number of arguments: "select/1". */
export const jqFunctions: Readonly<Record<string, JqFunction>> = {
  "empty/0": () => [],
  "not/0": (input) => [!isTrue(input)],
  "length/0": (input) => [lengthOf(input)],
  "keys/0": (input) => [keysOf(input)],
  "tostring/0": (input) => [typeof input === "string" ? input : JSON.stringify(input)],
  "tonumber/0": (input) => [toNumber(input)],
  "type/0": (input) => [typeOf(input)],
  "first/0": (input) => [listOf(input)[0] ?? null],
  "last/0": (input) => [listOf(input).at(-1) ?? null],
  "any/0": (input) => [listOf(input).some(isTrue)],
  "all/0": (input) => [listOf(input).every(isTrue)],
  *"select/1"(input, [condition]) {
    for (const value of condition!(input)) if (isTrue(value)) yield input;
  },
  "map/1": (input, [filter]) => [listOf(input).flatMap((value) => [...filter!(value)])],
  "any/1": (input, [filter]) => [listOf(input).some((value) => [...filter!(value)].some(isTrue))],
  "all/1": (input, [filter]) => [listOf(input).every((value) => [...filter!(value)].every(isTrue))],
  "any/2": (input, [values, filter]) => [[...values!(input)].some((value) => [...filter!(value)].some(isTrue))],
  "all/2": (input, [values, filter]) => [[...values!(input)].every((value) => [...filter!(value)].every(isTrue))],
  *"has/1"(input, [key]) {
    for (const name of key!(input)) yield keysOf(input).some((each) => each === name);
  },
  *"test/1"(input, [expression]) {
    for (const value of expression!(input)) yield new RegExp(textOf(value)).test(textOf(input));
  },
  *"startswith/1"(input, [start]) {
    for (const value of start!(input)) yield textOf(input).startsWith(textOf(value));
  },
  *"endswith/1"(input, [end]) {
    for (const value of end!(input)) yield textOf(input).endsWith(textOf(value));
  },
};

/** Only null and false are not. */
export function isTrue(value: JqValue): boolean {
  return value !== null && value !== false;
}

function listOf(value: JqValue): readonly JqValue[] {
  if (Array.isArray(value)) return value;
  throw new JqError(`cannot iterate over ${typeOf(value)}`);
}

function textOf(value: JqValue): string {
  if (typeof value === "string") return value;
  throw new JqError(`${typeOf(value)} is not a string`);
}

function toNumber(value: JqValue): number {
  const number = Number(value);
  if (typeof value === "object" || Number.isNaN(number)) throw new JqError(`cannot make a number of ${typeOf(value)}`);
  return number;
}

function lengthOf(value: JqValue): number {
  if (value === null) return 0;
  if (typeof value === "number") return Math.abs(value);
  if (typeof value === "boolean") throw new JqError("a boolean has no length");
  return typeof value === "string" ? [...value].length : Object.keys(value).length;
}

function keysOf(value: JqValue): JqValue[] {
  if (Array.isArray(value)) return value.map((_, index) => index);
  if (typeof value === "object" && value !== null) return Object.keys(value).sort();
  throw new JqError(`${typeOf(value)} has no keys`);
}

export function typeOf(value: JqValue): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
