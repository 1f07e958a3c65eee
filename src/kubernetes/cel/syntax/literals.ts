// What number, string and bytes literals mean. Problems are thrown as LiteralError, in cel-go's words.

import { CelUint, type CelValue } from "../values/value.ts";

export class LiteralError extends Error {}

const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);
const MAX_UINT = 2n ** 64n - 1n;

export function readInt(text: string, negative: boolean): CelValue {
  const magnitude = BigInt(text);
  const value = negative ? -magnitude : magnitude;
  if (value < MIN_INT || value > MAX_INT) throw new LiteralError("invalid int literal");
  return value;
}

export function readUint(text: string): CelValue {
  const value = BigInt(text.slice(0, -1));
  if (value > MAX_UINT) throw new LiteralError("invalid uint literal");
  return new CelUint(value);
}

export function readDouble(text: string, negative: boolean): CelValue {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new LiteralError("invalid double literal");
  return negative ? -value : value;
}

export function readString(text: string): string {
  const { body, raw } = unwrap(text);
  if (raw || !body.includes("\\")) return body;
  let value = "";
  for (const part of splitEscapes(body)) value += typeof part === "string" ? part : decodeCharacter(part.code);
  return value;
}

export function readBytes(text: string): Uint8Array {
  const { body, raw } = unwrap(text.slice(1));
  if (raw || !body.includes("\\")) return Buffer.from(body, "utf8");
  const parts: Uint8Array[] = [];
  for (const part of splitEscapes(body)) {
    if (typeof part === "string") parts.push(Buffer.from(part, "utf8"));
    else if (part.wide) throw new LiteralError("unable to unescape string");
    else parts.push(Uint8Array.of(part.code));
  }
  return Buffer.concat(parts);
}

/** The literal without quotes and prefix, line ends as "\n". */
function unwrap(text: string): { readonly body: string; readonly raw: boolean } {
  const normal = text.replace(/\r\n?/g, "\n");
  const raw = /^[rR]/.test(normal);
  const quoted = raw ? normal.slice(1) : normal;
  const triple = quoted.length >= 6 && /^("""|''')/.test(quoted);
  const width = triple ? 3 : 1;
  return { body: quoted.slice(width, quoted.length - width), raw };
}

interface EscapedCode {
  readonly code: number;
  /** Written with \u or \U, which bytes do not take. */
  readonly wide: boolean;
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};
const ESCAPE = /\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))/gs;

function* splitEscapes(body: string): Generator<string | EscapedCode> {
  let last = 0;
  for (const match of body.matchAll(ESCAPE)) {
    if (match.index > last) yield body.slice(last, match.index);
    last = match.index + match[0].length;
    const [, hex, short, long, octal, simple] = match;
    if (simple !== undefined) yield SIMPLE_ESCAPES[simple] ?? simple;
    else if (octal !== undefined) yield { code: Number.parseInt(octal, 8), wide: false };
    else yield { code: Number.parseInt((hex ?? short ?? long)!, 16), wide: hex === undefined };
  }
  if (last < body.length) yield body.slice(last);
}

function decodeCharacter(code: number): string {
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new LiteralError("invalid unicode code point");
  return String.fromCodePoint(code);
}
