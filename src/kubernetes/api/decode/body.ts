// A body in any format, opened far enough to see its kind; the rest is decoded once the kind's schema is known.

import { decodeCbor } from "../cbor/decode.ts";
import { CodecError } from "../codec-error.ts";
import { JsonError, parseJsonQuickly } from "../json/parse.ts";
import { listStrictProblems } from "../json/strict-problems.ts";
import { decodeMessage } from "../protobuf/codec.ts";
import { openEnvelope } from "../protobuf/envelope.ts";
import type { ObjectSchema } from "../schema.ts";
import { parseYamlBody } from "../yaml/parse.ts";
import type { BodyFormat } from "./body-format.ts";
import { decode } from "./decode.ts";
import { type GroupVersionKind, readTypeMeta, splitApiVersion } from "./type-meta.ts";

export interface Body {
  /** What the body says it is, "" where it says nothing. */
  readonly kind: GroupVersionKind;
  /** Decodes it; once. `problems`: what strict decoding minds. Throws CodecError. */
  decode(schema: ObjectSchema): { readonly value: unknown; readonly problems: readonly string[] };
}

/** Opens a body. Throws CodecError. */
export function openBody(bytes: Uint8Array, format: BodyFormat): Body {
  switch (format) {
    case "json":
      return openJson(bytes);
    case "yaml":
      return openYaml(bytes);
    case "protobuf":
      return openProtobuf(bytes);
    case "cbor":
      return openCbor(bytes);
  }
}

function openJson(bytes: Uint8Array): Body {
  const { text, value, mayHaveDuplicates } = parseBodyJson(bytes);
  return {
    kind: readTypeMeta(value),
    decode(schema) {
      const decoded = decode(schema, value);
      return {
        value: decoded.value,
        problems: mayHaveDuplicates ? problemsOf(text, schema, decoded.unknown) : decoded.unknown,
      };
    },
  };
}

function parseBodyJson(bytes: Uint8Array): ReturnType<typeof parseJsonQuickly> {
  try {
    return parseJsonQuickly(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new CodecError(`couldn't get version/kind; json parse error: ${error.message}`);
  }
}

/** Custom resources are first searched for duplicates, then pruned; built-in kinds tell both in the text's order. */
function problemsOf(text: string, schema: ObjectSchema, unknown: readonly string[]): readonly string[] {
  return schema.name === "" ? [...listStrictProblems(text), ...unknown] : listStrictProblems(text, schema);
}

function openYaml(bytes: Uint8Array): Body {
  const { value, duplicates } = parseYamlBody(bytes);
  return {
    kind: readTypeMeta(value),
    decode(schema) {
      const decoded = decode(schema, value);
      return { value: decoded.value, problems: [...duplicates, ...decoded.unknown] };
    },
  };
}

function openProtobuf(bytes: Uint8Array): Body {
  const { apiVersion, kind, raw } = openEnvelope(bytes);
  return {
    kind: { ...splitApiVersion(apiVersion), kind },
    decode: (schema) => ({ value: decodeMessage(schema, raw), problems: [] }),
  };
}

function openCbor(bytes: Uint8Array): Body {
  const value = decodeCbor(bytes);
  return {
    kind: readTypeMeta(value),
    decode(schema) {
      const decoded = decode(schema, value);
      return { value: decoded.value, problems: decoded.unknown };
    },
  };
}
