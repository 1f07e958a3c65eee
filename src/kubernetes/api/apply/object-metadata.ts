// metadata.managedFields of an object, read and replaced.

import type { ManagedFieldsEntry } from "../generated/types.ts";
import { isObject, type JsonObject } from "../patch/json-value.ts";
import type { KubeObject } from "../resource.ts";

/** The object as plain JSON, for walking it by schema. */
export function asJson(object: KubeObject): JsonObject {
  return object as unknown as JsonObject;
}

export function managedFieldsOf(object: KubeObject | undefined): readonly ManagedFieldsEntry[] | null | undefined {
  return object?.metadata?.managedFields;
}

/** The object with other managed fields, or without any; itself where they are these very ones. */
export function withManagedFields<T extends KubeObject>(
  object: T,
  entries: readonly ManagedFieldsEntry[] | null | undefined,
): T {
  const { metadata } = object;
  if ((metadata?.managedFields ?? undefined) === (entries ?? undefined)) return object;
  if (entries) return { ...object, metadata: { ...metadata, managedFields: entries } };
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}

/** The text of a string in metadata, "" where there is none. */
export function metadataText(object: JsonObject, name: "name" | "namespace" | "uid"): string {
  const metadata = object["metadata"];
  const text = isObject(metadata) ? metadata[name] : undefined;
  return typeof text === "string" ? text : "";
}
