// JSON text to values, as upstream's decoder reads it: exact integers, well-formed strings, a limit to nesting, and the paths
// of fields that occur twice.

import { CodecError } from "../codec-error.ts";
import { explainJsonError } from "./explain.ts";
import { listStrictProblems } from "./strict-problems.ts";
import { countKeysInText, survey } from "./survey.ts";

export interface ParsedJson {
  /** Fresh objects that belong to the caller. Integers beyond 2^53 are bigints. */
  readonly value: unknown;
  /** `duplicate field "spec.x"`, in the text's order. Of such fields the last one counts. */
  readonly duplicates: readonly string[];
}

/** The text is no JSON; the message is Go's. */
export class JsonError extends CodecError {
  override readonly name = "JsonError";
}

/** Deeper nesting is refused. Upstream's limit is 10,000, which would be too deep for the walks over values. */
export const mostNestedJson = 1000;

/** Parses bytes (UTF-8; broken sequences become U+FFFD) or text. Throws JsonError. */
export function parseJson(source: Uint8Array | string): ParsedJson {
  const { text, value, keys } = parse(source);
  return { value, duplicates: countKeysInText(text) === keys ? [] : listStrictProblems(text) };
}

/** As parseJson; instead of listing duplicates, tells whether there may be any. */
export function parseJsonQuickly(source: Uint8Array | string): {
  readonly text: string;
  readonly value: unknown;
  readonly mayHaveDuplicates: boolean;
} {
  const { text, value, keys } = parse(source);
  return { text, value, mayHaveDuplicates: countKeysInText(text) !== keys };
}

/** As parseJson, without a search for duplicates. */
export function parseJsonValue(source: Uint8Array | string): unknown {
  return parse(source).value;
}

function parse(source: Uint8Array | string): { text: string; value: unknown; keys: number } {
  const text = typeof source === "string" ? source : decodeUtf8(source);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const bytes = typeof source === "string" ? Buffer.from(source) : source;
    throw new JsonError(explainJsonError(bytes) ?? error.message);
  }
  const { keys, hasLargeNumbers, isTooDeep } = survey(value, mostNestedJson);
  if (isTooDeep) throw new JsonError("exceeded max depth");
  const needsCare = hasLargeNumbers || (text.includes("\\u") && halfSurrogate.test(text));
  return { text, value: needsCare ? JSON.parse(text, reviveExactly) : value, keys };
}

/** A byte order mark stays, and is an error then. */
function decodeUtf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

/** An escape that may be half of a surrogate pair without its other half. */
const halfSurrogate = /\\u[dD][89a-fA-F]/;

function reviveExactly(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value === "string") return value.isWellFormed() ? value : value.toWellFormed();
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  if (!/^-?[0-9]+$/.test(source)) return value;
  const integer = BigInt(source);
  // Beyond 64 bits upstream, too, goes on with a double.
  return BigInt.asIntN(64, integer) === integer ? integer : value;
}
