// Custom resources as they come in, and as they come out of the store: what their schema does not know is dropped, what it has a
// default for is set, and metadata is read like any object's.

import {
  CodecError,
  decodeMetadata,
  dropNulls,
  isRecord,
  type KubeObject,
  parseApiVersion,
  pruneUnknown,
  salvageMetadata,
  setSchemaDefaults,
  settleEmbedded,
} from "#kubernetes/api";
import type { CustomKind } from "./custom-kind.ts";

export interface DecodedCustom {
  readonly object: KubeObject;
  /** `unknown field "spec.foo"`. */
  readonly problems: readonly string[];
}

/** Makes an object of a body's value, in place. Objects of other kinds keep all but their metadata's form. Throws CodecError. */
export function decodeCustom(value: unknown, kind: CustomKind): DecodedCustom {
  const record = requireObject(value);
  const unknown: string[] = [];
  if (Object.hasOwn(record, "metadata")) {
    const decoded = decodeMetadata(record["metadata"] ?? {});
    unknown.push(...decoded.unknown);
    record["metadata"] = decoded.metadata;
  } else record["metadata"] = {};
  unknown.push(...settleBySchema(record, kind, "refuse"));
  const problems = unknown.map((path) => `unknown field "${path}"`);
  return { object: record as unknown as KubeObject, problems };
}

/** Brings an object from the store into the form its own version's schema gives it now, in place. Nothing in it is refused. */
export function settleStored(object: KubeObject, kind: CustomKind): KubeObject {
  const record = object as unknown as Record<string, unknown>;
  try {
    record["metadata"] = decodeMetadata(record["metadata"]).metadata;
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    record["metadata"] = salvageMetadata(record["metadata"]);
  }
  settleBySchema(record, kind, "drop");
  object.metadata.generation ??= 1;
  return object;
}

/** Drops what the schema of the object's version does not know, in place: what a conversion brought along. */
export function pruneConverted(object: KubeObject, kind: CustomKind): KubeObject {
  const schema = kind.schemaOf(parseApiVersion(object.apiVersion ?? "").version)?.schema;
  if (kind.preserveUnknown) return object;
  pruneUnknown(object, schema, true);
  dropNulls(object, schema);
  return object;
}

function settleBySchema(record: Record<string, unknown>, kind: CustomKind, malformed: "refuse" | "drop"): string[] {
  const { group, version } = parseApiVersion(textOf(record, "apiVersion"));
  if (textOf(record, "kind") !== kind.names.kind || group !== kind.group) return [];
  const schema = kind.schemaOf(version)?.schema;
  const unknown: string[] = [];
  if (!kind.preserveUnknown) {
    unknown.push(...pruneUnknown(record, schema, true));
    dropNulls(record, schema);
  }
  unknown.push(...settleEmbedded(record, schema, { malformed }));
  setSchemaDefaults(record, schema);
  return unknown;
}

function requireObject(value: unknown): Record<string, unknown> {
  if (isRecord(value)) return value;
  const type = Array.isArray(value) ? "array" : typeof value;
  throw new CodecError(`json: cannot unmarshal ${type} into Go value of type map[string]interface {}`);
}

function textOf(record: Record<string, unknown>, name: string): string {
  const value = record[name];
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  throw new CodecError(`.${name} accessor error: ${String(value)} is of the type ${typeof value}, expected string`);
}
