// CustomResourceDefinitions as upstream keeps and checks them: what all versions have alike stands once, above them, so that
// refusals speak of spec.validation where a client wrote spec.versions[0].schema.

import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  SelectableField,
} from "../../generated/types.ts";
import type { JsonSchema } from "../../structural/json-schema.ts";
import { sortKeys } from "../../structural/list-types.ts";
import { internalForm } from "../values/internal-form.ts";
import { deepEqual } from "../values/semantic-equal.ts";

/** What a version may have by itself, or all of them together. */
export interface VersionParts {
  readonly schema?: JsonSchema;
  /** There is a schema object, if only an empty one. */
  readonly hasValidation: boolean;
  readonly subresources?: CustomResourceSubresources;
  readonly columns: readonly CustomResourceColumnDefinition[];
  readonly selectableFields: readonly SelectableField[];
}

export interface InternalVersion extends VersionParts {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated: boolean;
  readonly deprecationWarning?: string;
}

export interface InternalSpec extends VersionParts {
  readonly spec: CustomResourceDefinitionSpec;
  readonly version: string;
  readonly versions: readonly InternalVersion[];
  /** Undefined where the object does not say. */
  readonly preserveUnknownFields: boolean;
}

const nothing: VersionParts = { hasValidation: false, columns: [], selectableFields: [] };

export function internalSpecOf({ spec }: CustomResourceDefinition): InternalSpec {
  const versions = (spec.versions ?? []).map(internalVersion);
  const preserveUnknownFields = spec.preserveUnknownFields === true;
  const [first] = versions;
  if (!first) return { ...nothing, spec, version: "", versions, preserveUnknownFields };
  const isAlike = (part: (version: InternalVersion) => unknown) =>
    versions.every((version) => deepEqual(part(version), part(first)));
  const shared = [
    isAlike(({ hasValidation, schema }) => [hasValidation, schema]) && schemaPart,
    isAlike(({ subresources }) => subresources) && subresourcesPart,
    isAlike(({ columns }) => columns) && columnsPart,
    isAlike(({ selectableFields }) => selectableFields) && selectablePart,
  ].filter((part) => part !== false);
  const lifted = Object.assign({ ...nothing }, ...shared.map((part) => part(first))) as VersionParts;
  const emptied = Object.assign({}, ...shared.map((part) => part(nothing))) as Partial<VersionParts>;
  const rest = versions.map((version) => ({ ...version, ...emptied }));
  return { ...lifted, spec, version: first.name, versions: rest, preserveUnknownFields };
}

type Part = (version: VersionParts) => object;

const schemaPart: Part = ({ schema, hasValidation }) => ({ schema, hasValidation });
const subresourcesPart: Part = ({ subresources }) => ({ subresources });
const columnsPart: Part = ({ columns }) => ({ columns });
const selectablePart: Part = ({ selectableFields }) => ({ selectableFields });

function internalVersion(version: CustomResourceDefinitionVersion): InternalVersion {
  const schema = schemaOfVersion(version);
  const { subresources, deprecationWarning } = version;
  return {
    name: version.name,
    served: version.served,
    storage: version.storage,
    deprecated: version.deprecated === true,
    ...(deprecationWarning !== undefined && { deprecationWarning }),
    ...(schema && { schema }),
    hasValidation: version.schema !== undefined,
    ...(subresources && { subresources }),
    columns: version.additionalPrinterColumns ?? [],
    selectableFields: version.selectableFields ?? [],
  };
}

/** The schema of a version's objects. */
export function schemaOfVersion({ schema }: Pick<CustomResourceDefinitionVersion, "schema">): JsonSchema | undefined {
  return schema?.openAPIV3Schema as JsonSchema | undefined;
}

/** All schemas of a definition, with the version each belongs to. */
export function schemasOf({ spec }: CustomResourceDefinition): JsonSchema[] {
  return (spec.versions ?? []).map(schemaOfVersion).filter((schema) => schema !== undefined);
}

/** Versions as refusals show them: Go's names, every field. */
export function shownVersions({ spec, versions }: InternalSpec): unknown {
  if (!spec.versions) return null;
  return internalForm(
    "[]CustomResourceDefinitionVersion",
    versions.map(({ schema, hasValidation, columns, selectableFields, ...version }) => ({
      ...version,
      schema: hasValidation ? { openAPIV3Schema: schema && shownParts(schema) } : undefined,
      additionalPrinterColumns: columns.length > 0 ? columns : undefined,
      selectableFields: selectableFields.length > 0 ? selectableFields : undefined,
    })),
  );
}

/** A schema as refusals show it. */
export function shownSchema(schema: JsonSchema): unknown {
  return internalForm("JSONSchemaProps", shownParts(schema));
}

/** Parts of several shapes, in the form of Go's types for them. */
function shownParts(schema: JsonSchema): object {
  const { items, additionalProperties, additionalItems, dependencies } = schema;
  const nested = (each: JsonSchema) => shownParts(each);
  const map = (each: Readonly<Record<string, JsonSchema>> | undefined) =>
    each && Object.fromEntries(Object.entries(each).map(([name, value]) => [name, nested(value)]));
  const orBool = (each: unknown) =>
    each === undefined
      ? undefined
      : { allows: each !== false, schema: typeof each === "object" ? nested(each as JsonSchema) : undefined };
  return {
    ...schema,
    default: sortKeys(schema.default),
    example: sortKeys(schema.example),
    items: items && {
      schema: Array.isArray(items) ? undefined : nested(items as JsonSchema),
      jsonSchemas: Array.isArray(items) ? items.map(nested) : undefined,
    },
    allOf: schema.allOf?.map(nested),
    oneOf: schema.oneOf?.map(nested),
    anyOf: schema.anyOf?.map(nested),
    not: schema.not && nested(schema.not),
    properties: map(schema.properties),
    patternProperties: map(schema.patternProperties as Record<string, JsonSchema> | undefined),
    definitions: map(schema.definitions as Record<string, JsonSchema> | undefined),
    additionalProperties: orBool(additionalProperties),
    additionalItems: orBool(additionalItems),
    dependencies: dependencies && shownDependencies(dependencies),
  };
}

function shownDependencies(dependencies: Readonly<Record<string, unknown>>): object {
  const entries = Object.entries(dependencies).map(([name, value]) => [
    name,
    Array.isArray(value) ? { property: value } : { schema: shownParts(value as JsonSchema) },
  ]);
  return Object.fromEntries(entries);
}
