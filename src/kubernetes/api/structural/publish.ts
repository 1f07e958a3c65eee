// A structural schema as OpenAPI documents publish it. Version 2, which kubectl of old reads, loses what it would stumble over.

import { additionalOf, itemsOf, type JsonSchema } from "./json-schema.ts";

export type OpenApiDialect = "v2" | "v3";

type Published = Record<string, unknown>;

/** How the document refers to the metadata of objects. */
export type ReferMetadata = () => Published;

/**
 * The schema of a resource's objects without apiVersion, kind and metadata, which the document adds; undefined where it is to
 * say no more than that they are objects.
 */
export function publishSchema(
  schema: JsonSchema | undefined,
  dialect: OpenApiDialect,
  options: { readonly preserveUnknown: boolean; readonly metadata: ReferMetadata },
): Published | undefined {
  if (!schema) return undefined;
  const keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"] === true || options.preserveUnknown;
  if (dialect === "v2" && keepsUnknown) return undefined;
  return publish(schema, dialect, options.metadata);
}

function publish(schema: JsonSchema, dialect: OpenApiDialect, metadata: ReferMetadata): Published {
  const { properties, items: _items, additionalProperties, ...rest } = schema;
  const published: Published = { ...rest };
  const items = itemsOf(schema);
  if (items) published["items"] = publish(items, dialect, metadata);
  if (properties) {
    const fields = Object.entries(properties).map(([name, each]) => [name, publish(each, dialect, metadata)] as const);
    published["properties"] = Object.fromEntries(fields);
  }
  const additional = additionalOf(schema);
  if (additional) published["additionalProperties"] = publish(additional, dialect, metadata);
  else if (additionalProperties !== undefined) published["additionalProperties"] = additionalProperties;
  if (dialect === "v2") simplify(published, schema);
  if (schema["x-kubernetes-embedded-resource"]) addMetadata(published, schema, dialect, metadata);
  return published;
}

function simplify(published: Published, schema: JsonSchema): void {
  for (const keyword of ["allOf", "anyOf", "oneOf", "not", "nullable"]) delete published[keyword];
  const keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (schema.nullable || keepsUnknown) {
    delete published["items"];
    delete published["properties"];
  }
  const type = schema.nullable ? undefined : published["type"];
  const isUntold = (type === "array" && !published["items"]) || (keepsUnknown && type === "object");
  if (type === undefined || isUntold) delete published["type"];
  const required = (schema.required ?? []).filter((name) => !schema.properties?.[name]?.nullable);
  if (required.length === 0 || additionalOf(schema)?.nullable) delete published["required"];
  else published["required"] = required;
}

function addMetadata(published: Published, schema: JsonSchema, dialect: OpenApiDialect, metadata: ReferMetadata): void {
  if (dialect === "v2" && schema["x-kubernetes-preserve-unknown-fields"]) return;
  const text = { type: "string" };
  published["properties"] = {
    ...(published["properties"] as object | undefined),
    apiVersion: text,
    kind: text,
    metadata: metadata(),
  };
  const required = (published["required"] as readonly string[] | undefined) ?? [];
  published["required"] = [...required, ...["kind", "apiVersion"].filter((name) => !required.includes(name))];
}
