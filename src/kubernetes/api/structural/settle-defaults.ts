// The schema objects are served by: as declared, but for defaults with fields the schema does not know, which old definitions
// may have.

import { deepEqual } from "../kinds/values/semantic-equal.ts";
import { additionalOf, itemsOf, type JsonSchema } from "./json-schema.ts";
import { pruneUnknown } from "./prune.ts";

/** The schema with its defaults pruned; the very same one where nothing was to do. */
export function settleDefaults(schema: JsonSchema): JsonSchema {
  const changes: { -readonly [K in keyof JsonSchema]?: JsonSchema[K] } = {};
  if (schema.default !== undefined) {
    const pruned = structuredClone(schema.default);
    pruneUnknown(pruned, schema, schema["x-kubernetes-embedded-resource"] === true);
    if (!deepEqual(pruned, schema.default)) changes.default = pruned;
  }
  const items = itemsOf(schema);
  const settledItems = items && settleDefaults(items);
  if (settledItems && settledItems !== items) changes.items = settledItems;
  const additional = additionalOf(schema);
  const settledAdditional = additional && settleDefaults(additional);
  if (settledAdditional && settledAdditional !== additional) changes.additionalProperties = settledAdditional;
  const properties = settleProperties(schema.properties);
  if (properties && properties !== schema.properties) changes.properties = properties;
  return Object.keys(changes).length === 0 ? schema : { ...schema, ...changes };
}

function settleProperties(properties: JsonSchema["properties"]): JsonSchema["properties"] {
  if (!properties) return undefined;
  let isChanged = false;
  const settled = Object.entries(properties).map(([name, property]) => {
    const after = settleDefaults(property);
    isChanged ||= after !== property;
    return [name, after] as const;
  });
  return isChanged ? Object.fromEntries(settled) : properties;
}
