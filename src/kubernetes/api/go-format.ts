// Values as Go writes them into messages, where that differs from JavaScript: %q and the JSON of encoding/json.

import { encodeJson } from "./json/encode.ts";

/** Go's %q (strconv.Quote): quotes, Go's escapes, and \x, \u or \U for what cannot be printed. */
export function quote(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  let quoted = "";
  for (const character of text) quoted += quoteCharacter(character);
  return `"${quoted}"`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

function quoteCharacter(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  if (character === " " || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  if (code >= 0xd800 && code <= 0xdfff) return "\\ufffd";
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

const escapedInJson: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/**
 * The JSON Go's json.Marshal would write: < > & and the line separators escaped. Fields are in the object's own order, so
 * maps, whose keys Go sorts, must come sorted. undefined is null; a bigint is a number.
 */
export function marshalGo(value: unknown): string {
  return escapeGoJson(encodeJson(value));
}

/** JSON text with the escapes Go's json.Marshal adds; they only ever occur inside strings. */
export function escapeGoJson(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (character) => escapedInJson[character] ?? character);
}
