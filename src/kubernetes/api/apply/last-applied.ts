// Objects that kubectl manages both ways: the annotation of client-side apply tells which conflicts are kubectl's own, and is
// kept up to date.

import { marshalGo } from "../go-format.ts";
import { isObject, type JsonObject, valueAt } from "../patch/json-value.ts";
import { difference, emptySet, type FieldSet } from "./fields/field-set.ts";
import { compareFields } from "./values/compare-fields.ts";
import { fieldsOf } from "./values/fields-of.ts";
import { ListItemError } from "./values/list-items.ts";
import { validateApplied } from "./values/validate-applied.ts";
import type { OwnershipScope } from "./versions.ts";

export const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

/** All annotations of an object together, in bytes. */
const mostAnnotationBytes = 256 * 1024;

export function hasLastApplied(object: JsonObject): boolean {
  return lastAppliedOf(object) !== "";
}

/** The fields client-side apply set and that still are as it set them: taking these over is no conflict. */
export function allowedByLastApplied(live: JsonObject, scope: OwnershipScope): FieldSet {
  const applied = parseLastApplied(lastAppliedOf(live));
  if (!applied || applied["apiVersion"] !== scope.apiVersion) return emptySet;
  if (validateApplied(applied, scope.schema) !== undefined) return emptySet;
  try {
    const { written, removed } = compareFields(applied, live, scope.schema);
    return difference(difference(fieldsOf(applied, scope.schema), written), removed);
  } catch (error) {
    if (error instanceof ListItemError) return emptySet;
    throw error;
  }
}

/** The object with the annotation saying what was just applied; without it, when annotations would become too large. */
export function withLastApplied(object: JsonObject, applied: JsonObject): JsonObject {
  const metadata = object["metadata"] as JsonObject;
  const text = `${marshalGo(sortKeys(withoutLastApplied(applied)))}\n`;
  const { [lastAppliedAnnotation]: _, ...others } = annotationsOf(object);
  const annotations = { ...others, [lastAppliedAnnotation]: text };
  const fits = sizeOf(annotations) <= mostAnnotationBytes;
  return { ...object, metadata: { ...metadata, annotations: fits ? annotations : others } };
}

function lastAppliedOf(object: JsonObject): string {
  const text = valueAt(annotationsOf(object), lastAppliedAnnotation);
  return typeof text === "string" ? text : "";
}

function annotationsOf(object: JsonObject): JsonObject {
  const metadata = object["metadata"];
  const annotations = isObject(metadata) ? metadata["annotations"] : undefined;
  return isObject(annotations) ? annotations : {};
}

function parseLastApplied(text: string): JsonObject | undefined {
  if (text === "") return undefined;
  try {
    const applied: unknown = JSON.parse(text);
    return isObject(applied) && typeof applied["kind"] === "string" && applied["kind"] !== "" ? applied : undefined;
  } catch {
    return undefined;
  }
}

function withoutLastApplied(applied: JsonObject): JsonObject {
  if (!hasLastApplied(applied)) return applied;
  const { [lastAppliedAnnotation]: _, ...annotations } = annotationsOf(applied);
  return { ...applied, metadata: { ...(applied["metadata"] as JsonObject), annotations } };
}

function sizeOf(annotations: JsonObject): number {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(String(value));
  }
  return bytes;
}

/** Go writes the keys of maps in order. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, field]) => [key, sortKeys(field)]));
}
