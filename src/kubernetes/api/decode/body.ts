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
  /** The value as it came, in place of decoding it; once. `problems`: fields that occur twice. Throws CodecError. */
  read(): { readonly value: unknown; readonly problems: readonly string[] };
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
        problems: mayHaveDuplicates ? listStrictProblems(text, schema) : decoded.unknown,
      };
    },
    read: () => ({ value, problems: mayHaveDuplicates ? listStrictProblems(text) : [] }),
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

function openYaml(bytes: Uint8Array): Body {
  const { value, duplicates } = parseYamlBody(bytes);
  return {
    kind: readTypeMeta(value),
    decode(schema) {
      const decoded = decode(schema, value);
      return { value: decoded.value, problems: [...duplicates, ...decoded.unknown] };
    },
    read: () => ({ value, problems: duplicates }),
  };
}

function openProtobuf(bytes: Uint8Array): Body {
  const { apiVersion, kind, raw } = openEnvelope(bytes);
  return {
    kind: { ...splitApiVersion(apiVersion), kind },
    decode: (schema) => ({ value: decodeMessage(schema, raw), problems: [] }),
    read() {
      throw new CodecError(
        "object *unstructured.Unstructured does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message",
      );
    },
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
    read: () => ({ value, problems: [] }),
  };
}
