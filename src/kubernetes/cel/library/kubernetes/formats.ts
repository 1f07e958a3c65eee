// format.named("…"), format.dns1123Label() and the other formats, and validate(…) of a text by one.

import {
  checkDNS1035Label,
  checkDNS1123Label,
  checkDNS1123Subdomain,
  checkLabelValue,
  checkQualifiedName,
} from "#kubernetes/api";
import { ArrayList } from "../../values/list.ts";
import { listType, optionalType, types } from "../../values/type.ts";
import { CelOptional, type CelValue, NONE } from "../../values/value.ts";
import { declare, type FunctionDeclaration, globalOverload, memberOverload } from "../declare.ts";
import { FormatValue, formatType } from "./format-value.ts";
import { parseRequestUrl, UrlError } from "./go-url.ts";

type Check = (text: string) => readonly string[];

/** A prefix may end with a dash, as a generated name will go on after it. */
const asPrefix =
  (check: Check): Check =>
  (text) =>
    check(text.length > 1 && text.endsWith("-") ? `${text.slice(0, -2)}a` : text);

const holds =
  (test: (text: string) => boolean, problem: string): Check =>
  (text) =>
    test(text) ? [] : [problem];

function checkUri(text: string): readonly string[] {
  try {
    parseRequestUrl(text);
    return [];
  } catch (error) {
    if (error instanceof UrlError) return [error.message];
    throw error;
  }
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const CLOCK = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})$/;

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isDateTime(text: string): boolean {
  const [date = "", ...clock] = text.toLowerCase().split("t");
  if (text.length < 4 || !isDate(date)) return false;
  const [, hours, minutes, seconds] = CLOCK.exec(clock.join("t")) ?? [];
  return hours !== undefined && Number(hours) <= 23 && Number(minutes) <= 59 && Number(seconds) <= 59;
}

const formats: ReadonlyMap<string, FormatValue> = new Map([
  ["dns1123Label", new FormatValue("DNS1123Label", 30, checkDNS1123Label)],
  ["dns1123Subdomain", new FormatValue("DNS1123Subdomain", 60, checkDNS1123Subdomain)],
  ["dns1035Label", new FormatValue("DNS1035Label", 30, checkDNS1035Label)],
  ["qualifiedName", new FormatValue("QualifiedName", 60, checkQualifiedName)],
  ["dns1123LabelPrefix", new FormatValue("DNS1123LabelPrefix", 30, asPrefix(checkDNS1123Label))],
  ["dns1123SubdomainPrefix", new FormatValue("DNS1123SubdomainPrefix", 60, asPrefix(checkDNS1123Subdomain))],
  ["dns1035LabelPrefix", new FormatValue("DNS1035LabelPrefix", 30, asPrefix(checkDNS1035Label))],
  ["labelValue", new FormatValue("LabelValue", 40, checkLabelValue)],
  ["uri", new FormatValue("URI", 1103, checkUri)],
  [
    "uuid",
    new FormatValue(
      "uuid",
      70,
      holds((text) => UUID.test(text), "does not match the UUID format"),
    ),
  ],
  [
    "byte",
    new FormatValue(
      "byte",
      84,
      holds((text) => text !== "" && BASE64.test(text), "invalid base64"),
    ),
  ],
  ["date", new FormatValue("date", 71, holds(isDate, "invalid date"))],
  ["datetime", new FormatValue("datetime", 71, holds(isDateTime, "invalid datetime"))],
]);

function findFormat(name: string): CelValue {
  const format = formats.get(name);
  return format ? new CelOptional(format) : NONE;
}

function validate(format: FormatValue, text: string): CelValue {
  const problems = format.validate(text);
  return problems.length === 0 ? NONE : new CelOptional(new ArrayList(problems));
}

export const formatFunctions: readonly FunctionDeclaration[] = [
  declare(
    "validate",
    memberOverload("format-validate", [formatType, types.string], optionalType(listType(types.string)), validate),
  ),
  declare("format.named", globalOverload("format-named", [types.string], optionalType(formatType), findFormat)),
  ...Array.from(formats, ([name, format]) =>
    declare(
      `format.${name}`,
      globalOverload(`format.${name}`, [], formatType, () => format),
    ),
  ),
];
