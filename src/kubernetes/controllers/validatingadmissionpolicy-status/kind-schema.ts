// The schema of a kind out of an OpenAPI v3 document, with every reference replaced by what it refers to. Pure.

import type { OpenApiSchema } from "#kubernetes/cel";
import type { VersionedKind } from "./kinds-to-check.ts";

/** The part of a schema in a document that matters here. */
export interface DocumentSchema extends Omit<OpenApiSchema, "properties" | "items" | "additionalProperties" | "allOf"> {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, DocumentSchema>>;
  readonly items?: DocumentSchema;
  readonly additionalProperties?: DocumentSchema | boolean;
  readonly allOf?: readonly DocumentSchema[];
  readonly "x-kubernetes-group-version-kind"?: readonly VersionedKind[];
}

export interface OpenApiDocument {
  readonly components?: { readonly schemas?: Readonly<Record<string, DocumentSchema>> };
}

const prefix = "#/components/schemas/";

/** undefined where the document does not describe the kind. */
export function kindSchema(document: OpenApiDocument, wanted: VersionedKind): OpenApiSchema | undefined {
  const schemas = new Map(Object.entries(document.components?.schemas ?? {}));
  for (const [name, schema] of schemas) {
    if (schema["x-kubernetes-group-version-kind"]?.some((kind) => isSameKind(kind, wanted))) {
      return resolve(schema, schemas, new Set([prefix + name]));
    }
  }
  return undefined;
}

function isSameKind(a: VersionedKind, b: VersionedKind): boolean {
  return a.group === b.group && a.version === b.version && a.kind === b.kind;
}

/** `within`: the references on the way here. One that leads back is an object of which nothing is known. */
function resolve(
  schema: DocumentSchema,
  schemas: ReadonlyMap<string, DocumentSchema>,
  within: ReadonlySet<string>,
): OpenApiSchema {
  const reference = referenceOf(schema);
  if (reference !== undefined) {
    const referred = within.has(reference) ? undefined : schemas.get(reference.slice(prefix.length));
    return referred ? resolve(referred, schemas, new Set([...within, reference])) : { type: "object" };
  }
  const { $ref: _, allOf: __, properties, items, additionalProperties, ...plain } = schema;
  const resolvePart = (part: DocumentSchema) => resolve(part, schemas, within);
  return {
    ...plain,
    ...(schema.format === "int-or-string" && { "x-kubernetes-int-or-string": true }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, resolvePart(part)])),
    }),
    ...(items && { items: resolvePart(items) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === "object" ? resolvePart(additionalProperties) : additionalProperties,
    }),
  };
}

/** A reference may be wrapped, so that other words can stand beside it. */
function referenceOf({ $ref, allOf = [] }: DocumentSchema): string | undefined {
  return $ref ?? allOf.map(referenceOf).find((found) => found !== undefined);
}
