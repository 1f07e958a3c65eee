// The paths rules report at: ".spec.replicas", ".labels['a/b']".

import { additionalOf, type OpenApiSchema, propertyOf } from "../schema/open-api.ts";

/** The path as field errors write it; undefined where it leads to no field of the schema. */
export function normalizeFieldPath(path: string, root: OpenApiSchema): string | undefined {
  let schema: OpenApiSchema | undefined = root;
  let normal = "";
  for (const match of path.matchAll(/\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]|[\s\S]/g)) {
    const name: string | undefined = match[1] ?? match[2]?.replace(/\\(.)/g, "$1");
    if (name === undefined || !schema) return undefined;
    const isNamed: boolean = schema.properties !== undefined;
    const next: OpenApiSchema | undefined = isNamed ? propertyOf(schema, name) : additionalOf(schema);
    if (!next) return undefined;
    normal += isNamed ? `${normal === "" ? "" : "."}${name}` : `[${name}]`;
    schema = next;
  }
  return normal;
}
