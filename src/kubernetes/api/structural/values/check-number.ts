// The keywords of numbers: multipleOf, maximum, minimum, and the ranges of integer formats.

import { printGoNumber } from "../../go-print.ts";
import type { JsonSchema } from "../json-schema.ts";
import { formatOf } from "./formats.ts";
import type { Outcome } from "./outcome.ts";

export function checkNumber(value: number | bigint, schema: JsonSchema, path: string, outcome: Outcome): void {
  checkRange(value, "Checked", schema, path, outcome);
  const { multipleOf, maximum, minimum } = schema;
  if (multipleOf !== undefined) checkMultiple(value, multipleOf, path, outcome);
  if (maximum !== undefined) checkBound(value, maximum, "maximum", schema, path, outcome);
  if (minimum !== undefined) checkBound(value, minimum, "minimum", schema, path, outcome);
}

/** Whether to Go the value is an int64, so that bounds are cut to whole numbers before they are compared. */
function isWhole(value: number | bigint): boolean {
  return typeof value === "bigint" || Number.isInteger(value);
}

function checkBound(
  value: number | bigint,
  bound: number,
  keyword: "maximum" | "minimum",
  schema: JsonSchema,
  path: string,
  outcome: Outcome,
): void {
  const isMaximum = keyword === "maximum";
  checkRange(bound, isMaximum ? "Maximum boundary" : "Minimum boundary", schema, path, outcome);
  const exclusive = (isMaximum ? schema.exclusiveMaximum : schema.exclusiveMinimum) === true;
  const limit = isWhole(value) ? Math.trunc(bound) : bound;
  const isBeyond = isMaximum ? value > limit : value < limit;
  if (!isBeyond && !(exclusive && Number(value) === limit)) return;
  const relation = `${isMaximum ? "less" : "greater"} than${exclusive ? "" : " or equal to"}`;
  const shown = printGoNumber(limit, isWhole(value) ? "int64" : "float64");
  outcome.add({ kind: "invalid", path, text: `${path} in body should be ${relation} ${shown}`, value });
}

function checkMultiple(value: number | bigint, factor: number, path: string, outcome: Outcome): void {
  const divisor = isWhole(value) ? Math.trunc(factor) : factor;
  const shown = printGoNumber(divisor, isWhole(value) ? "int64" : "float64");
  if (divisor <= 0) {
    const text = `factor MultipleOf declared for ${path} must be positive: ${shown}`;
    outcome.add({ kind: "invalid", path, text, value: divisor });
  } else if (!isMultiple(value, divisor)) {
    outcome.add({ kind: "invalid", path, text: `${path} in body should be a multiple of ${shown}`, value });
  }
}

function isMultiple(value: number | bigint, divisor: number): boolean {
  if (typeof value === "bigint") return value % BigInt(divisor) === 0n;
  if (Number.isInteger(value)) return value % divisor === 0;
  const quotient = divisor < 1 ? (1 / divisor) * value : value / divisor;
  return Number.isInteger(quotient) || Math.abs(quotient - Math.round(quotient)) < Math.abs(quotient) * 1e-9;
}

const ranges: Readonly<Record<string, readonly [least: bigint, most: bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** What an integer's format, or int64 where it has none, can hold. */
function checkRange(value: number | bigint, what: string, schema: JsonSchema, path: string, outcome: Outcome): void {
  if (schema.type !== "integer" || schema["x-kubernetes-int-or-string"]) return;
  const format = formatOf(schema);
  const [least, most] = ranges[format] ?? ranges["int64"]!;
  if (isWhole(value) && BigInt(value) >= least && BigInt(value) <= most) return;
  const wanted = format === "" ? "integer (default format)" : `integer with format ${format}`;
  outcome.add({ kind: "plain", path: "", text: `${what} value must be of type ${wanted} in ${path}` });
}
