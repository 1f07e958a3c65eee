// Steps from a value to a part of it: a field, a key, an index; tested for presence where the way to it is optional.

import { doubleToInt } from "../values/numbers.ts";
import { printValue } from "../values/print.ts";
import { CelError, type CelList, CelUint, type CelValue, isList, isMap, typeOf } from "../values/value.ts";
import type { Frame } from "./frame.ts";

export interface Qualifier {
  readonly optional: boolean;
  /** The part, or an error where there is none. */
  qualify(frame: Frame, value: CelValue): CelValue;
  /** The part, or undefined where there is none. */
  qualifyIfPresent(frame: Frame, value: CelValue): CelValue | undefined;
}

/** A part whose name or index is known. */
export function constantQualifier(key: CelValue, optional: boolean): Qualifier {
  return {
    optional,
    qualify(frame, value) {
      const found = findPart(value, key);
      frame.charge(1);
      return found === undefined ? missingPart(value, key) : found;
    },
    qualifyIfPresent(frame, value) {
      const found = findPart(value, key);
      if (found !== undefined && !(found instanceof CelError)) frame.charge(1);
      return found;
    },
  };
}

/** The test of `has(…)`: true or false instead of the part. */
export function presenceQualifier(key: string): Qualifier {
  return {
    optional: false,
    qualify(frame, value) {
      const found = findPart(value, key);
      frame.charge(1);
      return found instanceof CelError ? found : found !== undefined;
    },
    qualifyIfPresent(frame, value) {
      const found = findPart(value, key);
      if (found !== undefined && !(found instanceof CelError)) frame.charge(1);
      return found;
    },
  };
}

/** A part whose index is worked out. */
export function computedQualifier(index: (frame: Frame) => CelValue, optional: boolean): Qualifier {
  return {
    optional,
    qualify(frame, value) {
      const key = index(frame);
      const found = isKey(key) ? findPart(value, key) : badKey(key);
      frame.charge(1);
      return found === undefined ? missingPart(value, key) : found;
    },
    qualifyIfPresent(frame, value) {
      const key = index(frame);
      const found = isKey(key) ? findPart(value, key) : badKey(key);
      if (found !== undefined && !(found instanceof CelError)) frame.charge(1);
      return found;
    },
  };
}

function isKey(key: CelValue): boolean {
  return typeof key !== "object" || key instanceof CelUint;
}

function badKey(key: CelValue): CelError {
  return key instanceof CelError ? key : new CelError(`invalid qualifier type: ${typeOf(key)}`);
}

/** The part under a key; undefined where there is none; an error where the key cannot be one. */
function findPart(value: CelValue, key: CelValue): CelValue | undefined {
  if (isMap(value)) return value.find(key);
  if (isList(value)) return findItem(value, key);
  return value instanceof CelError ? value : undefined;
}

function findItem(list: CelList, key: CelValue): CelValue | undefined {
  const index = toIndex(key);
  if (index instanceof CelError) return index;
  return index >= 0 && index < list.size ? list.at(index) : undefined;
}

function toIndex(key: CelValue): number | CelError {
  if (typeof key === "bigint") return Number(key);
  if (key instanceof CelUint) return Number(key.value);
  if (typeof key !== "number") return new CelError(`unsupported index type '${typeOf(key)}' in list`);
  const index = doubleToInt(key);
  if (typeof index !== "bigint" || Number(index) !== key) {
    return new CelError(`unsupported index value ${printValue(key)} in list`);
  }
  return key;
}

function missingPart(value: CelValue, key: CelValue): CelError {
  return new CelError(`${isList(value) ? "index out of bounds" : "no such key"}: ${printValue(key)}`);
}
