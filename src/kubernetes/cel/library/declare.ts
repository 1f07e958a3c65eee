// How functions are declared: the overloads the checker chooses from, and what runs.

import type { CelType } from "../values/type.ts";
import { CelError, type CelList, type CelMap, type CelValue, isList, isMap, typeOf } from "../values/value.ts";

/** One signature of a function. `args` includes the target of a member function. */
export interface Overload {
  readonly id: string;
  readonly member: boolean;
  readonly args: readonly CelType[];
  readonly result: CelType;
  /** Called with values that fit `args`; absent where the function as a whole has a `call`. */
  call?(a: CelValue, b: CelValue, c?: CelValue, d?: CelValue): CelValue;
}

export interface FunctionDeclaration {
  readonly name: string;
  readonly overloads: readonly Overload[];
  /** One implementation for all overloads, which looks at its arguments itself. */
  call?(a: CelValue, b: CelValue, c?: CelValue, d?: CelValue): CelValue;
}

type Call = NonNullable<Overload["call"]>;

/** `name(args)`. */
export function globalOverload(id: string, args: readonly CelType[], result: CelType, call?: Call): Overload {
  return { id, member: false, args, result, ...(call && { call }) };
}

/** `args[0].name(args…)`. */
export function memberOverload(id: string, args: readonly CelType[], result: CelType, call?: Call): Overload {
  return { id, member: true, args, result, ...(call && { call }) };
}

/** A function of these overloads. */
export function declare(name: string, ...overloads: readonly Overload[]): FunctionDeclaration {
  return { name, overloads };
}

/** Whether a value may be passed as an argument of the type; of lists and maps only the first item is looked at. */
export function matchesType(type: CelType, value: CelValue): boolean {
  if (type.kind === "dyn" || type.kind === "any" || type.kind === "typeParam") return true;
  if (type.name !== typeOf(value).name) return false;
  if (type.kind === "list") return matchesList(type, value);
  return type.kind !== "map" || matchesMap(type, value);
}

function matchesList(type: CelType, value: CelValue): boolean {
  if (!isList(value)) return false;
  return value.size === 0 || matchesType(type.params[0]!, (value as CelList).at(0));
}

function matchesMap(type: CelType, value: CelValue): boolean {
  if (!isMap(value)) return false;
  const [first] = (value as CelMap).keys();
  if (first === undefined) return true;
  return matchesType(type.params[0]!, first) && matchesType(type.params[1]!, value.find(first)!);
}

/** The error of a function that has no overload for the arguments. */
export function noOverloadFor(name: string, args: readonly CelValue[]): CelError {
  const error = args.find((arg) => arg instanceof CelError);
  if (error) return error as CelError;
  return new CelError(`no such overload: ${name}(${args.map((arg) => typeOf(arg).name).join(", ")})`);
}
