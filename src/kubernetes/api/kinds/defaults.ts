// What decoding adds to an object a client sent, before anything else looks at it.

import { type KubeObject, parseApiVersion, type UnknownObject } from "../resource.ts";
import { schemaOfKind } from "../types-table.ts";
import { kindDefinitionOf } from "./all.ts";
import { settleEmptyValues } from "./values/empty-values.ts";

/**
 * Makes of a freshly decoded object of a built-in kind, in place, what upstream's decoding makes of it: empty values are dropped
 * or written as its Go types have it, then its kind's defaults are set. All functions of a KindDefinition expect objects in this
 * form. Objects of other kinds are left alone.
 */
export function setDefaults(object: KubeObject): void {
  const { apiVersion = "", kind = "" } = object;
  const { group, version } = parseApiVersion(apiVersion);
  const schema = schemaOfKind(group, version, kind);
  if (!schema) return;
  settleEmptyValues(schema, object);
  kindDefinitionOf(group, version, kind)?.setDefaults?.(object as UnknownObject);
}
