// The formats schemas of custom resources can ask of their values, as upstream's strfmt checks them.

import { parseCIDRSloppy, parseIP, parseIPSloppy } from "../../ip.ts";
import { parseDurationNanos } from "../../time/duration.ts";
import type { JsonSchema } from "../json-schema.ts";
import { isEmailAddress, isRequestUri } from "./uri-formats.ts";

/** The format of a schema, "" where it is none that is checked for its type. */
export function formatOf(schema: JsonSchema): string {
  const { format } = schema;
  return format && isKnownFormat(schema, format) ? format : "";
}

/** Formats that are not known are kept, published, and never checked. */
export function isKnownFormat(schema: JsonSchema, format: string): boolean {
  switch (schema["x-kubernetes-int-or-string"] ? "" : (schema.type ?? "")) {
    case "":
    case "string":
      return stringFormats.has(format.replaceAll("-", ""));
    case "integer":
      return format === "int32" || format === "int64";
    case "number":
      return format === "float" || format === "double";
    default:
      return false;
  }
}

type Check = (text: string) => boolean;

function matching(expression: RegExp): Check {
  return (text) => expression.test(text);
}

/** By name without dashes. */
export const stringFormats: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["bsonobjectid", matching(/^[0-9a-fA-F]{24}$/)],
  ["uri", isRequestUri],
  ["email", isEmailAddress],
  ["hostname", isHostname],
  ["ipv4", (text) => text.includes(".") && parseIPSloppy(text) !== undefined],
  ["ipv6", (text) => text.includes(":") && parseIP(text) !== undefined],
  ["cidr", (text) => parseCIDRSloppy(text) !== undefined],
  ["mac", isMAC],
  ["uuid", matching(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i)],
  ["uuid3", matching(/^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i)],
  ["uuid4", matching(/^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i)],
  ["uuid5", matching(/^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i)],
  ["isbn", (text) => isISBN10(text) || isISBN13(text)],
  ["isbn10", isISBN10],
  ["isbn13", isISBN13],
  ["creditcard", isCreditCard],
  ["ssn", (text) => text.length === 11 && /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text)],
  ["hexcolor", matching(/^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/)],
  ["rgbcolor", isRGBColor],
  ["byte", isBase64],
  ["password", () => true],
  ["date", isDate],
  ["duration", isDuration],
  ["datetime", isDateTime],
  ["k8sshortname", (text) => text.length <= 63 && shortName.test(text)],
  ["k8slongname", (text) => text.length <= 253 && text.split(".").every(matching(shortName))],
]);

const shortName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** Labels of letters, digits, symbols and inner dashes; the last one of letters only where there are several. */
function isHostname(text: string): boolean {
  const labels = text.split(".");
  if (Buffer.byteLength(text) > 255 || labels.some((label) => Buffer.byteLength(label) > 63)) return false;
  if (labels.length === 1) return /^[a-zA-Z0-9\p{S}\p{L}](-?[a-zA-Z0-9\p{S}\p{L}])*$/u.test(text);
  const last = labels.pop()!;
  const isLabel = matching(/^[a-zA-Z0-9\p{S}\p{L}]([-a-zA-Z0-9\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?$/u);
  return labels.every(isLabel) && /^[a-zA-Z\p{L}]{2,63}$/u.test(last);
}

/** 6, 8 or 20 bytes, two digits each between colons or dashes, or four between dots. */
function isMAC(text: string): boolean {
  for (const [separator, part] of [
    [":", /^[0-9a-f]{2}$/i],
    ["-", /^[0-9a-f]{2}$/i],
    [".", /^[0-9a-f]{4}$/i],
  ] as const) {
    const parts = text.split(separator);
    const bytes = separator === "." ? parts.length * 2 : parts.length;
    if (parts.every((each) => part.test(each)) && [6, 8, 20].includes(bytes)) return true;
  }
  return false;
}

function isISBN10(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, "");
  if (!/^(?:[0-9]{9}X|[0-9]{10})$/.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < 10; index++) sum += (index + 1) * (digits[index] === "X" ? 10 : Number(digits[index]));
  return sum % 11 === 0;
}

function isISBN13(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, "");
  if (!/^[0-9]{13}$/.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < 12; index++) sum += (index % 2 === 0 ? 1 : 3) * Number(digits[index]);
  return Number(digits[12]) === (10 - (sum % 10)) % 10;
}

const cardNumbers =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$/;

/** By issuer and check digit, whatever stands between the digits. */
function isCreditCard(text: string): boolean {
  const digits = text.replace(/[^0-9]+/g, "");
  if (!cardNumbers.test(digits)) return false;
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const doubled = Number(digit) * (index % 2 === 1 ? 2 : 1);
    sum += doubled >= 10 ? (doubled % 10) + 1 : doubled;
  }
  return sum % 10 === 0;
}

function isRGBColor(text: string): boolean {
  const part = "\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*";
  return new RegExp(`^rgb\\(${part},${part},${part}\\)$`).test(text);
}

function isBase64(text: string): boolean {
  return text !== "" && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isDateTime(text: string): boolean {
  const [date = "", time] = text.toLowerCase().split("t");
  if (time === undefined || !isDate(date)) return false;
  const [, hours, minutes, seconds] =
    /^([0-9]{2}):([0-9]{2}):([0-9]{2})(?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})$/.exec(time) ?? [];
  return hours !== undefined && hours <= "23" && minutes! <= "59" && seconds! <= "59";
}

const unitNames = /^(ns|nano.*|us|µs|micro.*|ms|milli.*|s|sec.*|m|min.*|h|hr|hour.*|d|day.*|w|wk|week.*)$/;

/** Go's durations, or any text that has a number and a unit in it, such as "3 days". */
function isDuration(text: string): boolean {
  try {
    parseDurationNanos(text);
    return true;
  } catch {
    const parts = text.matchAll(/\d+\s*([A-Za-zµ]+)/g);
    return [...parts].some(([, unit]) => unitNames.test(unit!.toLowerCase()));
  }
}
