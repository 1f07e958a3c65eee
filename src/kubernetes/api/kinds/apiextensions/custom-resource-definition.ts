// CustomResourceDefinition: a kind of one's own. What it defines is served by the API server (apiserver/custom-resources).

import { type FieldError, invalid, quote } from "../../field-error.ts";
import type { CustomResourceDefinition } from "../../generated/types.ts";
import { childrenOf, type JsonSchema } from "../../structural/json-schema.ts";
import { isKnownFormat } from "../../structural/values/formats.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import type { KindDefinition } from "../kind-definition.ts";
import { internalSpecOf } from "./internal-definition.ts";
import type { SchemaRules } from "./schema-rules.ts";
import { validateDefinition, validateDefinitionUpdate, validateStatus } from "./validate-definition.ts";

type DecodedDefinition = Decoded<CustomResourceDefinition, "status">;

/** `schemaRules` is the engine of x-kubernetes-validations; without it these are kept, but neither checked nor heeded. */
export function defineCustomResourceDefinition(schemaRules?: SchemaRules): KindDefinition {
  return defineKind<DecodedDefinition>({
    group: "apiextensions.k8s.io",
    version: "v1",
    kind: "CustomResourceDefinition",
    allowUnconditionalUpdate: false,
    standardFinalizers: false,
    setDefaults,
    prepareForCreate: (object) => {
      object.status = { conditions: null as never, acceptedNames: { plural: "", kind: "" }, storedVersions: [] };
      noteStoredVersion(object);
    },
    prepareForUpdate: (object, old) => {
      object.status = old.status;
      noteStoredVersion(object);
    },
    // Metadata may change with the status: controllers take their finalizers off so.
    prepareForStatusUpdate: (object, old) => {
      object.spec = old.spec;
    },
    validate: (object) => [...validateName(object), ...validateDefinition(object, schemaRules)],
    validateUpdate: (object, old) => validateDefinitionUpdate(object, old, schemaRules),
    validateStatusUpdate: validateStatus,
    warnings: (object, old) => {
      const known = new Set(old ? unknownFormats(old) : []);
      return unknownFormats(object)
        .filter((format) => !known.has(format))
        .map((format) => `unrecognized format ${quote(format)}`);
    },
  });
}

function setDefaults({ spec, status }: DecodedDefinition): void {
  const { names } = spec;
  if (!names.singular) names.singular = (names.kind ?? "").toLowerCase();
  if (names.singular === "") delete names.singular;
  if (!names.listKind && names.kind) names.listKind = `${names.kind}List`;
  spec.conversion ??= { strategy: "None" };
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service) service.port ??= 443;
  if (status.storedVersions?.length) return;
  const storage = (spec.versions ?? []).find((version) => version.storage);
  if (storage) status.storedVersions = [storage.name];
}

function noteStoredVersion(object: DecodedDefinition): void {
  const storage = (object.spec.versions ?? []).find((version) => version.storage);
  const stored = object.status.storedVersions ?? [];
  if (!storage || stored.includes(storage.name)) return;
  object.status = { ...object.status, storedVersions: [...stored, storage.name] };
}

function validateName({ metadata, spec }: CustomResourceDefinition): FieldError[] {
  const { name = "" } = metadata;
  if (name === `${spec.names.plural}.${spec.group}`) return [];
  return [invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group')];
}

/** Formats nothing is known of, of all schemas in turn. */
function unknownFormats(definition: CustomResourceDefinition): string[] {
  const internal = internalSpecOf(definition);
  return [internal, ...internal.versions].flatMap(({ schema }) => (schema ? unknownFormatsIn(schema) : []));
}

function unknownFormatsIn(schema: JsonSchema): string[] {
  const { format } = schema;
  // Here an int-or-string counts as what its type says.
  const own = format && !isKnownFormat({ type: schema.type ?? "" }, format) ? [format] : [];
  return [...own, ...childrenOf(schema).flatMap(unknownFormatsIn)];
}
