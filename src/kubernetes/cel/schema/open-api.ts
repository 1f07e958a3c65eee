// The part of an OpenAPI schema that matters to expressions.

export interface OpenApiSchema {
  readonly type?: string;
  readonly format?: string;
  readonly nullable?: boolean;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly additionalProperties?: OpenApiSchema | boolean;
  readonly items?: OpenApiSchema | readonly OpenApiSchema[];
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly allOf?: readonly OpenApiSchema[];
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-embedded-resource"?: boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-map-type"?: string;
}

export function propertyOf({ properties }: OpenApiSchema, name: string): OpenApiSchema | undefined {
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** The schema of items; undefined where there is none, or a list of them, which is not structural. */
export function itemsOf({ items }: OpenApiSchema): OpenApiSchema | undefined {
  return items === undefined || isSchemaList(items) ? undefined : items;
}

function isSchemaList(items: OpenApiSchema | readonly OpenApiSchema[]): items is readonly OpenApiSchema[] {
  return Array.isArray(items);
}

/** The schema of values under free keys; undefined where there is none. */
export function additionalOf({ additionalProperties }: OpenApiSchema): OpenApiSchema | undefined {
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}

const STRING: OpenApiSchema = { type: "string" };

/** The schema of a resource: what every one has is known in it, if it does not say so itself. */
export function withTypeAndMetadata(schema: OpenApiSchema): OpenApiSchema {
  const metadata = propertyOf(schema, "metadata");
  const isWhole =
    propertyOf(schema, "kind")?.type === "string" &&
    propertyOf(schema, "apiVersion")?.type === "string" &&
    metadata?.type === "object" &&
    propertyOf(metadata, "name")?.type === "string" &&
    propertyOf(metadata, "generateName")?.type === "string";
  if (isWhole) return schema;
  return {
    ...schema,
    properties: {
      ...schema.properties,
      kind: STRING,
      apiVersion: STRING,
      metadata: { type: "object", properties: { name: STRING, generateName: STRING } },
    },
  };
}
