// Objects to etcd's values and back: JSON without resourceVersion, as upstream keeps custom resources and reads everything; what
// upstream wrote in protobuf is read too.

import {
  decodeMessage,
  type Field,
  isEnvelope,
  type KubeObject,
  type ObjectSchema,
  openEnvelope,
  parseApiVersion,
  parseJsonValue,
  schemaOfKind,
} from "#kubernetes/api";
import type { Transformer } from "../store.ts";
import { encodeObject } from "../stored-object.ts";

/** The bytes of an object as etcd gets them. Throws TypeError where it is no JSON. */
export function encodeValue(object: KubeObject): Buffer {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return encodeObject({ ...object, metadata });
}

/** What may stand before metadata in bytes of encodeValue, or of upstream's encoder. */
const beginning = /^\{(?:"(?:apiVersion|kind)":"[^"\\]*",){0,2}"metadata":\{/;
const closingBrace = 125;

/** The same JSON with metadata.resourceVersion in it, in memory of its own. */
export function insertRevision(value: Uint8Array, revision: number): Buffer {
  const head = beginning.exec(
    Buffer.from(value.buffer, value.byteOffset, Math.min(value.length, 512)).toString("latin1"),
  );
  if (!head) return encodeWithRevision(parseJsonValue(value) as KubeObject, revision);
  const at = head[0].length;
  const field = `"resourceVersion":"${revision}"${value[at] === closingBrace ? "" : ","}`;
  const bytes = Buffer.allocUnsafeSlow(value.length + field.length);
  bytes.set(value.subarray(0, at));
  bytes.write(field, at, "latin1");
  bytes.set(value.subarray(at), at + field.length);
  return bytes;
}

function encodeWithRevision(object: KubeObject, revision: number): Buffer {
  return encodeObject({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });
}

/**
 * The object's JSON at the revision that wrote the value. Throws where the value is none: neither JSON nor a built-in kind in
 * protobuf, or not what the transformer wrote.
 */
export function decodeValue(
  fullKey: string,
  stored: Uint8Array,
  { revision, transformer }: { revision: number; transformer?: Transformer | undefined },
): Buffer {
  const value = transformer ? transformer.fromDisk(fullKey, stored) : stored;
  if (!isEnvelope(value)) return insertRevision(value, revision);
  const { apiVersion, kind, raw } = openEnvelope(value);
  const { group, version } = parseApiVersion(apiVersion);
  const schema = schemaOfKind(group, version, kind) ?? (kind === "RangeAllocation" ? rangeAllocation() : undefined);
  if (!schema) throw new Error(`Cannot read ${fullKey}: ${apiVersion} ${kind} is no built-in kind`);
  return encodeWithRevision({ apiVersion, kind, ...decodeMessage(schema, raw) } as KubeObject, revision);
}

/** Which ports of nodes are taken: upstream keeps it as an object of a kind that it serves to nobody (k8s.io/api/core/v1). */
function rangeAllocation(): ObjectSchema {
  const metadata = schemaOfKind("", "v1", "ConfigMap")!.fields.get("metadata")!;
  const scalar = (name: string, number: number, type: "string" | "bytes"): [string, Field] => [
    name,
    { name, schema: { kind: "scalar", type }, required: true, protobuf: { number, declaration: type } },
  ];
  const fields = new Map([["metadata", metadata], scalar("range", 2, "string"), scalar("data", 3, "bytes")]);
  return { kind: "object", name: "", fields, structure: "granular", preserveUnknown: false };
}
