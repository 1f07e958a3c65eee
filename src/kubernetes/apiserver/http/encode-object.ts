// One object as bytes in the encoding a client wants.

import {
  encodeEnvelope,
  encodeJson,
  formatYaml,
  type KubeObject,
  parseApiVersion,
  schemaOfKind,
} from "#kubernetes/api";
import type { Document } from "../call.ts";
import { bytesOf } from "./frame-list.ts";
import type { MediaType } from "./media-types.ts";

const newline = Buffer.from("\n");

/** The document's bytes. Kept JSON goes out as it is, unless it is to be pretty. As upstream's, only JSON that is not ends its line. */
export function encodeDocument(document: Document, mediaType: MediaType): Uint8Array {
  if (mediaType.encoding === "yaml") return Buffer.from(formatYaml(document.object));
  if (mediaType.encoding === "protobuf") return encodeProtobuf(document.object);
  if (mediaType.pretty) return Buffer.from(encodeJson(document.object, 2));
  return Buffer.concat([bytesOf(document), newline]);
}

/** An object of a built-in kind in protobuf's envelope. What names no version (discovery at /api) is of v1. */
export function encodeProtobuf(object: object): Uint8Array {
  const { apiVersion = "", kind = "" } = object as Partial<KubeObject>;
  const groupVersion = parseApiVersion(apiVersion);
  const schema = schemaOfKind(groupVersion.group, groupVersion.version || "v1", kind);
  if (!schema) throw new Error(`Cannot encode ${apiVersion} ${kind} as protobuf: the types table has no such kind`);
  return encodeEnvelope(schema, { ...groupVersion, kind }, object);
}
