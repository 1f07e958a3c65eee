// The schemas a document holds: those of the types table its operations lead to, and those custom resources bring along.

import type { ServedResource } from "../registry/resources/served-resource.ts";
import { describeField } from "./descriptions/fields.ts";
import { listTypeOf, type PathItem, typeOf } from "./operations.ts";
import { collectTypes, type Dialect, type JsonSchema, reference } from "./type-schemas.ts";

/** The names of all types the operations take or answer. */
export function typesOfOperations(items: readonly PathItem[]): string[] {
  const names = items.flatMap(({ operations }) =>
    operations.flatMap(({ body, answers }) => [...(body ? [body.type] : []), ...Object.values(answers)]),
  );
  return [...new Set(names)].filter((name) => name !== "");
}

export function resourceSchemas(
  resources: readonly ServedResource[],
  types: readonly string[],
  dialect: Dialect,
): Record<string, JsonSchema> {
  const { custom, builtIn } = schemasOf(resources, types, dialect);
  return { ...collectTypes(builtIn, dialect), ...Object.fromEntries(custom) };
}

/** Schemas custom resources bring along, and the names of those from the types table. */
export function schemasOf(
  resources: readonly ServedResource[],
  types: readonly string[],
  dialect: Dialect,
): { readonly custom: ReadonlyMap<string, JsonSchema>; readonly builtIn: readonly string[] } {
  const custom = new Map(resources.flatMap((resource) => customSchemas(resource, dialect)));
  const shared = custom.size > 0 ? [objectMeta, listMeta] : [];
  return { custom, builtIn: [...types.filter((name) => !custom.has(name)), ...shared] };
}

const objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const listMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";

/** The kind of a custom resource and its list. */
function customSchemas(resource: ServedResource, dialect: Dialect): [string, JsonSchema][] {
  if (!resource.custom) return [];
  const { group, version, kind } = resource.info;
  const { openApi } = resource.custom;
  const kindOf = (name: string) => ({ "x-kubernetes-group-version-kind": [{ group, kind: name, version }] });
  const described = (field: string) => ({ type: "string", description: describeField(kind, field) });
  const typeMeta = { apiVersion: described("apiVersion"), kind: described("kind") };
  const refer = (name: string) =>
    dialect === "v3" ? { allOf: [reference(name, dialect)] } : { ...reference(name, dialect) };
  const published = openApi(dialect, () => refer(objectMeta));
  const metadata = { ...typeMeta, metadata: refer(objectMeta) };
  const own = {
    ...published,
    type: "object",
    // With any fields named, kubectl would take all others for unknown ones.
    ...(published && { properties: { ...(published["properties"] as object | undefined), ...metadata } }),
    ...kindOf(kind),
  };
  const list = {
    type: "object",
    required: ["items"],
    properties: {
      ...typeMeta,
      items: { type: "array", items: reference(typeOf(resource, ""), dialect) },
      metadata: refer(listMeta),
    },
    ...kindOf(resource.listKind),
  };
  return [
    [typeOf(resource, ""), own],
    [listTypeOf(resource), list],
  ];
}
