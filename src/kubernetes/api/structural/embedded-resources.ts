// Objects of Kubernetes inside a custom resource (x-kubernetes-embedded-resource): their metadata is brought into form when they
// are decoded, and checked like any object's.

import { CodecError } from "../codec-error.ts";
import { DecodeError } from "../decode/context.ts";
import { decode } from "../decode/decode.ts";
import { child, describeFieldError, entry, type FieldError, invalid, item, required } from "../field-error.ts";
import type { ObjectMeta } from "../generated/types.ts";
import { checkPathName, validateObjectMeta } from "../kinds/metadata/object-meta.ts";
import { settleEmptyValues } from "../kinds/values/empty-values.ts";
import { checkDNS1035Label } from "../names.ts";
import type { ObjectSchema } from "../schema.ts";
import { schemaOf } from "../types-table.ts";
import { additionalOf, isRecord, itemsOf, type JsonSchema, propertyOf } from "./json-schema.ts";

const metadataSchema = schemaOf("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta") as ObjectSchema;

/** What is done with an apiVersion, kind or metadata that cannot be read. */
export type Malformed = "refuse" | "drop";

/**
 * Brings the metadata of embedded resources into form, in place, and answers the paths of its unknown fields. Throws DecodeError
 * for what cannot be read, unless it is to be dropped.
 */
export function settleEmbedded(
  value: unknown,
  schema: JsonSchema | undefined,
  options: { readonly malformed: Malformed; readonly isRoot?: boolean },
): string[] {
  const unknown: string[] = [];
  if (schema || options.isRoot) {
    const { malformed, isRoot = false } = options;
    walk(value, schema, "", isRoot, (record, path) => settleResource(record, path, malformed, unknown));
  }
  return unknown;
}

/** Metadata as it is decoded; unknown fields are named from "metadata" on. Throws DecodeError. */
export function decodeMetadata(value: unknown): { readonly metadata: ObjectMeta; readonly unknown: readonly string[] } {
  const decoded = decode(metadataSchema, value);
  const unknown = decoded.unknown.map((text) => `metadata.${/^unknown field "(.*)"$/s.exec(text)?.[1] ?? text}`);
  const metadata = (decoded.value ?? {}) as ObjectMeta;
  settleEmptyValues(metadataSchema, metadata);
  return { metadata, unknown };
}

/** Of metadata that cannot be read as a whole, the fields that can be. */
export function salvageMetadata(value: unknown): ObjectMeta {
  const found: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(isRecord(value) ? value : {})) {
    try {
      Object.assign(found, decodeMetadata({ [key]: field }).metadata);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
    }
  }
  return found as ObjectMeta;
}

function settleResource(record: Record<string, unknown>, path: string, malformed: Malformed, unknown: string[]): void {
  for (const name of ["apiVersion", "kind"]) {
    if (!Object.hasOwn(record, name) || typeof record[name] === "string") continue;
    if (malformed === "drop") delete record[name];
    else throw fieldProblem(invalid(child(path, name), record[name], "must be a string"));
  }
  if (!Object.hasOwn(record, "metadata")) return;
  try {
    const decoded = decodeMetadata(record["metadata"]);
    unknown.push(...decoded.unknown.map((field) => child(path, field)));
    record["metadata"] = decoded.metadata;
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    if (malformed === "refuse") {
      throw fieldProblem(invalid(child(path, "metadata"), record["metadata"], error.message));
    }
    if (isRecord(record["metadata"])) record["metadata"] = salvageMetadata(record["metadata"]);
  }
}

function fieldProblem(error: FieldError): DecodeError {
  return new DecodeError(describeFieldError(error));
}

/** Everything wrong with the type and metadata of embedded resources. */
export function validateEmbedded(
  value: unknown,
  schema: JsonSchema | undefined,
  path = "",
  isRoot = false,
): FieldError[] {
  const errors: FieldError[] = [];
  if (schema || isRoot) walk(value, schema, path, isRoot, (record, at) => validateResource(record, at, errors));
  return errors;
}

function validateResource(record: Record<string, unknown>, path: string, errors: FieldError[]): void {
  for (const name of ["apiVersion", "kind"]) {
    if (!Object.hasOwn(record, name)) errors.push(required(child(path, name)));
  }
  for (const [name, value] of Object.entries(record)) {
    if (name === "apiVersion") errors.push(...checkText(value, child(path, name), checkApiVersion));
    else if (name === "kind") errors.push(...checkText(value, child(path, name), checkKind));
    else if (name === "metadata") validateMetadata(value, child(path, name), errors);
  }
}

function checkText(value: unknown, path: string, check: (text: string) => string | undefined): FieldError[] {
  if (typeof value !== "string") return [invalid(path, value, "must be a string")];
  const problem = value === "" ? "must not be empty" : check(value);
  return problem === undefined ? [] : [invalid(path, value, problem)];
}

function checkApiVersion(text: string): string | undefined {
  return text.split("/").length > 2 ? `unexpected GroupVersion string: ${text}` : undefined;
}

function checkKind(text: string): string | undefined {
  const problems = checkDNS1035Label(text.toLowerCase());
  if (problems.length === 0) return undefined;
  return `may have mixed case, but should otherwise match: ${problems.join(",")}`;
}

function validateMetadata(value: unknown, path: string, errors: FieldError[]): void {
  try {
    const { metadata } = decodeMetadata(structuredClone(value));
    const { name, namespace } = metadata;
    const named = name ? metadata : { ...metadata, name: "fakename" };
    validateObjectMeta(named, path, errors, { namespaced: Boolean(namespace), validateName: checkPathName });
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    errors.push(invalid(path, value, error.message));
  }
}

type Visit = (record: Record<string, unknown>, path: string) => void;

function walk(value: unknown, schema: JsonSchema | undefined, path: string, isRoot: boolean, visit: Visit): void {
  if (typeof value !== "object" || value === null) return;
  if (!isRecord(value)) {
    const items = schema && itemsOf(schema);
    if (items)
      for (const [index, each] of (value as unknown[]).entries()) walk(each, items, item(path, index), false, visit);
    return;
  }
  if (isRoot || schema?.["x-kubernetes-embedded-resource"]) visit(value, path);
  if (!schema) return;
  const additional = additionalOf(schema);
  if (!schema.properties && !additional) return;
  for (const key of Object.keys(value)) {
    const property = propertyOf(schema, key);
    if (property) walk(value[key], property, child(path, key), false, visit);
    else if (additional) walk(value[key], additional, entry(path, key), false, visit);
  }
}
