// cel-go's extension functions on strings, version 2. Positions count code points.

import { ArrayList, itemsOf } from "../../values/list.ts";
import { printValue } from "../../values/print.ts";
import { MOST_TEXT, TEXT_TOO_LONG } from "../../values/text-limit.ts";
import { listType, types } from "../../values/type.ts";
import { CelError, type CelList, type CelValue } from "../../values/value.ts";
import { declare, type FunctionDeclaration, globalOverload, memberOverload } from "../declare.ts";
import { formatString } from "./format-string.ts";

const { int, string } = types;
const strings = listType(string);

function charAt(text: string, index: bigint): CelValue {
  const characters = Array.from(text);
  if (index < 0n || index > BigInt(characters.length)) return new CelError(`index out of range: ${index}`);
  return characters[Number(index)] ?? "";
}

function indexOf(text: string, part: string, offset = 0n): CelValue {
  if (part === "") return offset;
  if (offset < 0n) return new CelError(`index out of range: ${offset}`);
  const characters = Array.from(text);
  if (offset >= BigInt(characters.length)) return -1n;
  return findFrom(characters, Array.from(part), Number(offset), 1);
}

function lastIndexOf(text: string, part: string): CelValue {
  const length = Array.from(text).length;
  if (part === "") return BigInt(length);
  if (text.length < part.length) return -1n;
  return lastIndexOfFrom(text, part, BigInt(length - 1));
}

function lastIndexOfFrom(text: string, part: string, offset: bigint): CelValue {
  if (part === "") return offset;
  if (offset < 0n) return new CelError(`index out of range: ${offset}`);
  const characters = Array.from(text);
  if (offset >= BigInt(characters.length)) return -1n;
  const sought = Array.from(part);
  return findFrom(characters, sought, Math.min(Number(offset), characters.length - sought.length), -1);
}

function findFrom(characters: readonly string[], sought: readonly string[], from: number, step: 1 | -1): bigint {
  for (let at = from; at >= 0 && at <= characters.length - sought.length; at += step) {
    if (sought.every((character, index) => characters[at + index] === character)) return BigInt(at);
  }
  return -1n;
}

/** As Go's strings.Replace: around every character where nothing is replaced. */
function replace(text: string, old: string, added: string, limit = -1n): CelValue {
  if (old === added || limit === 0n) return text;
  const most = text.length / Math.max(old.length, 1) + 1;
  if (most * added.length > MOST_TEXT && text.split(old).length * added.length > MOST_TEXT) return TEXT_TOO_LONG;
  if (limit < 0n)
    return old === "" ? surround(text, added, Number.POSITIVE_INFINITY) : text.replaceAll(old, () => added);
  if (old === "") return surround(text, added, Number(limit));
  const parts = text.split(old);
  const count = Math.min(Number(limit), parts.length - 1);
  return (
    [...parts.slice(0, count + 1)].join(added) +
    parts
      .slice(count + 1)
      .map((part) => old + part)
      .join("")
  );
}

function surround(text: string, added: string, limit: number): string {
  const characters = Array.from(text);
  let result = limit > 0 ? added : "";
  for (const [index, character] of characters.entries()) result += character + (index + 1 < limit ? added : "");
  return result;
}

function split(text: string, separator: string, limit = -1n): CelValue {
  if (limit === 0n) return new ArrayList([]);
  const parts = separator === "" ? Array.from(text) : text.split(separator);
  if (limit < 0n || BigInt(parts.length) <= limit) return new ArrayList(parts);
  const kept = Number(limit) - 1;
  return new ArrayList([...parts.slice(0, kept), parts.slice(kept).join(separator)]);
}

function substring(text: string, start: bigint, end?: bigint): CelValue {
  const characters = Array.from(text);
  const length = BigInt(characters.length);
  if (end !== undefined && start > end) {
    return new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  }
  for (const index of end === undefined ? [start] : [start, end]) {
    if (index < 0n || index > length) return new CelError(`index out of range: ${index}`);
  }
  return characters.slice(Number(start), end === undefined ? undefined : Number(end)).join("");
}

function join(list: CelList, separator = ""): CelValue {
  const parts: string[] = [];
  let length = 0;
  for (const item of itemsOf(list)) {
    if (typeof item !== "string") return new CelError(`join: invalid input: ${printValue(item)}`);
    length += item.length + separator.length;
    if (length > MOST_TEXT) return TEXT_TOO_LONG;
    parts.push(item);
  }
  return parts.join(separator);
}

/** What Go's strings.TrimSpace takes away. */
const SPACES =
  /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

const ESCAPES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

function quote(text: string): string {
  return `"${text.toWellFormed().replace(/[\x07\b\f\n\r\t\v\\"]/g, (character) => ESCAPES[character]!)}"`;
}

export const stringExtensionFunctions: readonly FunctionDeclaration[] = [
  declare("charAt", memberOverload("string_char_at_int", [string, int], string, charAt)),
  declare(
    "indexOf",
    memberOverload("string_index_of_string", [string, string], int, (text: string, part: string) =>
      indexOf(text, part),
    ),
    memberOverload("string_index_of_string_int", [string, string, int], int, indexOf),
  ),
  declare(
    "lastIndexOf",
    memberOverload("string_last_index_of_string", [string, string], int, lastIndexOf),
    memberOverload("string_last_index_of_string_int", [string, string, int], int, lastIndexOfFrom),
  ),
  declare(
    "lowerAscii",
    memberOverload("string_lower_ascii", [string], string, (text: string) =>
      text.replace(/[A-Z]+/g, (part) => part.toLowerCase()),
    ),
  ),
  declare(
    "upperAscii",
    memberOverload("string_upper_ascii", [string], string, (text: string) =>
      text.replace(/[a-z]+/g, (part) => part.toUpperCase()),
    ),
  ),
  declare(
    "replace",
    memberOverload(
      "string_replace_string_string",
      [string, string, string],
      string,
      (text: string, old: string, added: string) => replace(text, old, added),
    ),
    memberOverload("string_replace_string_string_int", [string, string, string, int], string, replace),
  ),
  declare(
    "split",
    memberOverload("string_split_string", [string, string], strings, (text: string, separator: string) =>
      split(text, separator),
    ),
    memberOverload("string_split_string_int", [string, string, int], strings, split),
  ),
  declare(
    "substring",
    memberOverload("string_substring_int", [string, int], string, (text: string, start: bigint) =>
      substring(text, start),
    ),
    memberOverload("string_substring_int_int", [string, int, int], string, substring),
  ),
  declare(
    "trim",
    memberOverload("string_trim", [string], string, (text: string) => text.replace(SPACES, "")),
  ),
  declare("format", memberOverload("string_format", [string, listType(types.dyn)], string, formatString)),
  declare("strings.quote", globalOverload("strings_quote", [string], string, quote)),
  declare(
    "join",
    memberOverload("list_join", [strings], string, (list: CelList) => join(list)),
    memberOverload("list_join_string", [strings, string], string, (list: CelList, separator: string) =>
      join(list, separator),
    ),
  ),
];
