// JSON values to YAML, as answers with Accept: application/yaml show them: keys sorted, lists not indented, texts quoted where
// a YAML 1.1 reader would take them for something else, long lines broken: to the byte what go-yaml 2 makes of the same JSON.

import { printGoNumber } from "../go-print.ts";
import { compareNaturally } from "./natural-order.ts";
import { type ScalarPlace, writeScalar } from "./write-scalar.ts";

/** The YAML of a JSON value, ending in a line break. */
export function formatYaml(value: unknown): string {
  if (isEmpty(value) || !isCollection(value)) return `${writeInline(value, { column: 0, indent: 2, isKey: false })}\n`;
  const lines: string[] = [];
  writeBlock(value, 0, "", lines);
  return `${lines.join("\n")}\n`;
}

function isCollection(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isEmpty(value: unknown): boolean {
  return isCollection(value) && (Array.isArray(value) ? value.length === 0 : namesOf(value).length === 0);
}

/** What JSON would leave out is left out. */
function namesOf(object: object): string[] {
  const names = Object.keys(object).filter((name) => (object as Record<string, unknown>)[name] !== undefined);
  return names.sort(compareNaturally);
}

/** A list or mapping that is not empty. `lead`: what its first line begins with instead of its margin, just as wide. */
function writeBlock(value: object, indent: number, lead: string, lines: string[]): void {
  let start = lead.padEnd(indent);
  const margin = " ".repeat(indent);
  if (Array.isArray(value)) {
    for (const item of value) {
      writeItem(item, indent, start, lines);
      start = margin;
    }
    return;
  }
  for (const name of namesOf(value)) {
    writeEntry(name, (value as Record<string, unknown>)[name], { indent, start }, lines);
    start = margin;
  }
}

function writeItem(item: unknown, indent: number, start: string, lines: string[]): void {
  if (isCollection(item) && !isEmpty(item)) writeBlock(item, indent + 2, `${start}-`, lines);
  else lines.push(`${start}- ${writeInline(item, { column: indent + 2, indent: indent + 2, isKey: false })}`);
}

interface EntryPlace {
  readonly indent: number;
  readonly start: string;
}

/** The longest key that may stand before a colon, in bytes. */
const longestKey = 128;

function writeEntry(name: string, value: unknown, { indent, start }: EntryPlace, lines: string[]): void {
  if (name.includes("\n") || Buffer.byteLength(name) > longestKey) {
    writeLongEntry(name, value, { indent, start }, lines);
    return;
  }
  const key = `${start}${writeScalar(name, { column: indent, indent: indent + 2, isKey: true })}:`;
  if (!isCollection(value) || isEmpty(value)) {
    const place = { column: key.length + 1, indent: indent + 2, isKey: false };
    lines.push(`${key} ${writeInline(value, place)}`);
    return;
  }
  lines.push(key);
  // Lists stand below their key, not to the right of it.
  const below = Array.isArray(value) ? indent : indent + 2;
  writeBlock(value, below, "", lines);
}

/** A key with a question mark, its value with a colon, each on a line of its own. */
function writeLongEntry(name: string, value: unknown, { indent, start }: EntryPlace, lines: string[]): void {
  const place = { column: indent + 2, indent: indent + 2, isKey: false };
  lines.push(`${start}? ${writeScalar(name, place)}`);
  const colon = `${" ".repeat(indent)}:`;
  if (isCollection(value) && !isEmpty(value)) writeBlock(value, indent + 2, colon, lines);
  else lines.push(`${colon} ${writeInline(value, place)}`);
}

function writeInline(value: unknown, place: ScalarPlace): string {
  if (typeof value === "string") return writeScalar(value, place);
  if (typeof value === "number") return printGoNumber(value, Number.isSafeInteger(value) ? "int64" : "float64");
  if (Array.isArray(value)) return "[]";
  return isCollection(value) ? "{}" : String(value);
}
