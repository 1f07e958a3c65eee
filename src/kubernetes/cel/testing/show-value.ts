// For tests: a value as an expression that has it, or the error.

import { toStringValue } from "../values/convert.ts";
import { itemsOf } from "../values/list.ts";
import { printValue } from "../values/print.ts";
import {
  CelDuration,
  CelError,
  CelOptional,
  CelTimestamp,
  CelUint,
  type CelValue,
  isList,
  isMap,
} from "../values/value.ts";

export function showValue(value: CelValue): string {
  if (value instanceof CelError) return value.message;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 1e15) return value.toFixed(1);
  if (value instanceof CelUint) return `${value.value}u`;
  if (value instanceof Uint8Array) return `b${JSON.stringify(Buffer.from(value).toString("latin1"))}`;
  if (value === null) return "null";
  if (value instanceof CelTimestamp || value instanceof CelDuration) return `${value.kind}(${toStringValue(value)})`;
  if (value instanceof CelOptional) return showOptional(value);
  if (isList(value)) return `[${Array.from(itemsOf(value), showValue).join(", ")}]`;
  if (isMap(value)) {
    const entries = Array.from(value.keys(), (key) => `${showValue(key)}: ${showValue(value.find(key)!)}`);
    return `{${entries.join(", ")}}`;
  }
  return printValue(value);
}

function showOptional({ value }: CelOptional): string {
  return value === undefined ? "optional.none()" : `optional.of(${showValue(value)})`;
}
