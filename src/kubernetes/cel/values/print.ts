// Values as messages show them (Go's %v), and numbers as strings.

import { printGoNumber } from "#kubernetes/api";
import { type CelValue, kindOf } from "./value.ts";

/** A double as `string(x)` gives it: Go's %g. */
export function printDouble(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return Object.is(value, -0) ? "-0" : printGoNumber(value, "float64");
}

export function printValue(value: CelValue): string {
  if (value === null) return "0";
  if (typeof value === "number") return printDouble(value);
  if (typeof value !== "object") return String(value);
  if (value instanceof Uint8Array) return `[${value.join(" ")}]`;
  switch (value.kind) {
    case "uint":
      return String(value.value);
    case "type":
      return String(value.type);
    case "error":
      return value.message;
    case "optional":
      return value.value === undefined ? "optional.none()" : `optional(${printValue(value.value)})`;
    case "list":
      return `[${Array.from({ length: value.size }, (_item, index) => printValue(value.at(index))).join(", ")}]`;
    case "map":
      return `{${Array.from(value.keys(), (key) => `${printValue(key)}: ${printValue(value.find(key)!)}`).join(", ")}}`;
    default:
      return kindOf(value) ?? "";
  }
}
