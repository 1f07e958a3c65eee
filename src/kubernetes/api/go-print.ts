// JSON values as Go's fmt writes them into messages: %v, %#v and %T of what encoding/json decodes into an interface{}.

import { quote } from "./go-format.ts";

/** How Go would hold JSON's numbers: whole ones as int64 (apimachinery's decoder), or all as float64 (YAML, encoding/json). */
export type GoNumbers = "int64" | "float64";

/** Go's %v: map[a:1 b:[x y]], <nil>. */
export function printGo(value: unknown, numbers: GoNumbers = "int64"): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map((item) => printGo(item, numbers)).join(" ")}]`;
  if (typeof value === "object") {
    return `map[${sortedEntries(value)
      .map(([key, item]) => `${key}:${printGo(item, numbers)}`)
      .join(" ")}]`;
  }
  return typeof value === "number" ? printGoNumber(value, numbers) : String(value);
}

/** Go's %#v: map[string]interface {}{"a":1}. */
export function printGoSyntax(value: unknown, numbers: GoNumbers = "int64"): string {
  if (value === null || value === undefined) return "interface {}(nil)";
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) {
    return `[]interface {}{${value.map((item) => printGoSyntax(item, numbers)).join(", ")}}`;
  }
  if (typeof value === "object") {
    const entries = sortedEntries(value).map(([key, item]) => `${quote(key)}:${printGoSyntax(item, numbers)}`);
    return `map[string]interface {}{${entries.join(", ")}}`;
  }
  return typeof value === "number" ? printGoNumber(value, numbers) : String(value);
}

/** Go's %T: "string", "map[string]interface {}", "<nil>". */
export function goTypeOf(value: unknown, numbers: GoNumbers = "int64"): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "object") return "map[string]interface {}";
  if (typeof value === "bigint") return "int64";
  if (typeof value === "number") return numbers === "int64" && Number.isInteger(value) ? "int64" : "float64";
  return typeof value === "boolean" ? "bool" : "string";
}

/** A number as %v writes it; a float64 takes an exponent from 1e+06 on, and below 1e-04. */
export function printGoNumber(value: number, numbers: GoNumbers = "int64"): string {
  if (numbers === "int64" && Number.isInteger(value)) return BigInt(value).toString();
  const magnitude = Math.abs(value);
  if (magnitude === 0 || (magnitude >= 1e-4 && magnitude < 1e6)) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}

function sortedEntries(object: object): [string, unknown][] {
  return Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
}
