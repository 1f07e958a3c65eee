// Decodes JSON values by schema: what every write goes through, whatever it was encoded in.

import { QuantityError } from "../quantity/parse.ts";
import type { Schema } from "../schema.ts";
import { TimeError } from "../time/rfc3339.ts";
import { decoderOf } from "./compile.ts";
import { DecodeContext, DecodeError } from "./context.ts";

export interface Decoded {
  readonly value: unknown;
  /** `unknown field "spec.foo"`: fields that were dropped, in the order met, at most 100. */
  readonly unknown: readonly string[];
}

/**
 * Decodes a value, which belongs to this function from here on: parts of it are used again. Objects are decoded as Go decodes
 * structs: fields in the schema's order, unknown ones dropped, null as absent, types checked, quantities, times and base64 in
 * canonical form. Values that are merely empty stay. Throws DecodeError.
 */
export function decode(schema: Schema, value: unknown): Decoded {
  const context = new DecodeContext();
  try {
    const decoded = value === null ? null : decoderOf(schema)(value, context);
    context.finish();
    return { value: decoded, unknown: context.unknown };
  } catch (error) {
    if (error instanceof QuantityError || error instanceof TimeError) throw new DecodeError(error.message);
    throw error;
  }
}
