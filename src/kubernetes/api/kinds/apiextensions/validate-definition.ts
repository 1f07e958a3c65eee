// Everything wrong with a CustomResourceDefinition, in upstream's order (apiextensions' validation).

import { child, type FieldError, invalid, item, notSupported, required } from "../../field-error.ts";
import type { CustomResourceDefinition } from "../../generated/types.ts";
import { checkDNS1035Label, checkDNS1123Subdomain } from "../../names.ts";
import { hasDefaults } from "../../structural/check-defaults.ts";
import { findUnsupported } from "../../structural/check-structural.ts";
import { type JsonSchema, someSchema } from "../../structural/json-schema.ts";
import { immutableError } from "../report.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { validateApproval } from "./api-approval.ts";
import { type DefinitionRules, rulesOfCreate, rulesOfUpdate } from "./definition-rules.ts";
import {
  type InternalSpec,
  type InternalVersion,
  internalSpecOf,
  shownVersions,
  type VersionParts,
} from "./internal-definition.ts";
import type { SchemaRules } from "./schema-rules.ts";
import { validateConversion } from "./validate-conversion.ts";
import {
  validateColumns,
  validateDefinitionNames,
  validateSelectableFields,
  validateSubresources,
} from "./validate-parts.ts";
import { validateSchemaPart } from "./validate-schema.ts";

export function validateDefinition(
  definition: CustomResourceDefinition,
  schemaRules: SchemaRules | undefined,
): FieldError[] {
  return [
    ...validateSpec(internalSpecOf(definition), rulesOfCreate(schemaRules)),
    ...validateStatus(definition),
    ...validateStoredVersions(definition),
    ...validateApproval(definition, undefined),
    ...validatePreserveUnknown(definition, undefined),
  ];
}

export function validateDefinitionUpdate(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition,
  schemaRules: SchemaRules | undefined,
): FieldError[] {
  const rules = rulesOfUpdate(definition, old, schemaRules);
  return [
    ...validateSpec(internalSpecOf(definition), rules),
    ...validateImmutable(definition, old, rules),
    ...validateStatus(definition),
    ...validateStoredVersions(definition),
    ...validateApproval(definition, old),
    ...validatePreserveUnknown(definition, old),
  ];
}

export function validateStatus({ status }: CustomResourceDefinition): FieldError[] {
  return validateDefinitionNames(status?.acceptedNames ?? {}, "status.acceptedNames");
}

function validateImmutable(
  { spec }: CustomResourceDefinition,
  { spec: old }: CustomResourceDefinition,
  { requireImmutableNames }: DefinitionRules,
): FieldError[] {
  const errors: FieldError[] = [];
  const compare = (path: string, value: unknown, before: unknown) => {
    if (!deepEqual(value, before)) errors.push(invalid(path, value, immutableError));
  };
  if (requireImmutableNames) {
    compare("spec.scope", spec.scope, old.scope);
    compare("spec.names.kind", spec.names.kind, old.names.kind);
  }
  compare("spec.group", spec.group, old.group);
  compare("spec.names.plural", spec.names.plural, old.names.plural);
  return errors;
}

function validateStoredVersions({ spec, status }: CustomResourceDefinition): FieldError[] {
  const path = "status.storedVersions";
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0) return [invalid(path, null, "must have at least one stored version")];
  const errors: FieldError[] = [];
  const left = new Map(stored.map((name, index) => [name, index]));
  for (const { name, storage } of spec.versions ?? []) {
    // A second version of the same name finds none left.
    if (storage && !left.has(name)) errors.push(invalid(path, stored, `must have the storage version ${name}`));
    left.delete(name);
  }
  for (const [name, index] of left) {
    const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalid(item(path, index), name, why));
  }
  return errors;
}

function validatePreserveUnknown(
  { spec }: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): FieldError[] {
  if (!spec.preserveUnknownFields || old?.spec.preserveUnknownFields) return [];
  const why = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
  return [invalid("spec.preserveUnknownFields", true, why)];
}

function validateSpec(internal: InternalSpec, given: DefinitionRules): FieldError[] {
  const { spec, preserveUnknownFields } = internal;
  const errors = [...validateGroup(spec.group ?? "", "spec.group"), ...validateScope(spec.scope)];
  const schemas = [internal, ...internal.versions].map(({ schema }) => schema).filter((schema) => schema !== undefined);
  errors.push(...validateSchemaPresence(internal, given));
  const usesDefaults = schemas.some(hasDefaults);
  if (usesDefaults && preserveUnknownFields) {
    const why = "must be false in order to use defaults in the schema";
    errors.push(invalid("spec.preserveUnknownFields", true, why));
  }
  const mustBeStructural = !preserveUnknownFields || usesDefaults || schemas.some(hasExtensions);
  const rules = mustBeStructural ? { ...given, requireStructural: true } : given;
  errors.push(...validateVersions(internal, rules));
  errors.push(...validateSharing(internal));
  errors.push(...validateRequiredNames(internal));
  errors.push(...validateDefinitionNames(spec.names, "spec.names"));
  errors.push(...validateShared(internal, rules));
  const { conversion } = spec;
  if (conversion && conversion.strategy !== "None" && preserveUnknownFields) {
    const why = "must be None if spec.preserveUnknownFields is true";
    errors.push(invalid("spec.conversion.strategy", conversion.strategy, why));
  }
  return [...errors, ...validateConversion(conversion, "spec.conversion", rules)];
}

function validateGroup(group: string, path: string): FieldError[] {
  if (group === "") return [required(path)];
  const problems = checkDNS1123Subdomain(group);
  if (problems.length > 0) return [invalid(path, group, problems.join(","))];
  return group.includes(".") ? [] : [invalid(path, group, "should be a domain with at least one dot")];
}

function validateScope(scope: string): FieldError[] {
  const scopes = ["Cluster", "Namespaced"];
  if (!scope) return [required("spec.scope")];
  return scopes.includes(scope) ? [] : [notSupported("spec.scope", scope, scopes)];
}

function validateSchemaPresence(internal: InternalSpec, { requireSchema }: DefinitionRules): FieldError[] {
  const { schema, versions, preserveUnknownFields } = internal;
  if (schema || (!requireSchema && preserveUnknownFields)) return [];
  const why = requireSchema ? "" : "because otherwise all fields are pruned";
  return versions.flatMap((version, index) => {
    if (version.schema || (!requireSchema && !version.served)) return [];
    return [required(`spec.versions[${index}].schema.openAPIV3Schema`, why)];
  });
}

function hasExtensions(schema: JsonSchema): boolean {
  return someSchema(
    schema,
    (each) =>
      each["x-kubernetes-embedded-resource"] === true ||
      each["x-kubernetes-preserve-unknown-fields"] !== undefined ||
      each["x-kubernetes-int-or-string"] === true ||
      Boolean(each["x-kubernetes-list-map-keys"]?.length) ||
      each["x-kubernetes-list-type"] !== undefined ||
      Boolean(each["x-kubernetes-validations"]?.length),
  );
}

function validateVersions(internal: InternalSpec, rules: DefinitionRules): FieldError[] {
  const hasOwn = internal.versions.some(({ subresources }) => subresources);
  return internal.versions.flatMap((version, index) => {
    const path = item("spec.versions", index);
    const problems = checkDNS1035Label(version.name);
    const named = problems.length > 0 ? [invalid(child(path, "name"), version.name, problems.join(","))] : [];
    const { status } = (hasOwn ? version.subresources : internal.subresources) ?? {};
    return [...named, ...validateVersion(version, path, status !== undefined, rules)];
  });
}

function validateVersion(
  version: InternalVersion,
  path: string,
  hasStatus: boolean,
  rules: DefinitionRules,
): FieldError[] {
  const { name, selectableFields } = version;
  const errors = checkDeprecation(version).map((why) =>
    invalid(child(path, "deprecationWarning"), version.deprecationWarning, why),
  );
  const isUnchanged = rules.unchangedVersions.has(name);
  errors.push(
    ...validateSchemaPart({ schema: version.schema, path: child(path, "schema"), hasStatus, isUnchanged }, rules),
    ...validateSubresources(version.subresources, child(path, "subresources")),
    ...validateColumns(version.columns, child(path, "additionalPrinterColumns")),
  );
  if (selectableFields.length === 0) return errors;
  const at = child(path, "selectableFields");
  if (!version.schema) {
    const why = "may only be set when `version.schema.openAPIV3Schema` is not included";
    return [...errors, invalid(at, "", why)];
  }
  return [...errors, ...validateSelectable(version, path, rules.allowManySelectableFields(name))];
}

function validateSelectable(parts: VersionParts, path: string, allowsMany: boolean): FieldError[] {
  const unsupported = findUnsupported(parts.schema);
  const problems = unsupported === undefined ? [] : [invalid(child(path, "schema.openAPIV3Schema"), "", unsupported)];
  const at = child(path, "selectableFields");
  return [...problems, ...validateSelectableFields(parts.selectableFields, parts.schema ?? {}, at, allowsMany)];
}

function checkDeprecation({ deprecated, deprecationWarning }: InternalVersion): string[] {
  if (deprecationWarning === undefined) return [];
  if (!deprecated) return ["can only be set for deprecated versions"];
  const problems: string[] = [];
  if (Buffer.byteLength(deprecationWarning) > 256) problems.push("must be <= 256 characters long");
  if (deprecationWarning === "") problems.push("must not be an empty string");
  const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(deprecationWarning);
  if (unprintable) {
    const index = Buffer.byteLength(deprecationWarning.slice(0, unprintable.index));
    const only = "must only contain printable UTF-8 characters";
    problems.push(`${only}; non-printable character found at index ${index}`);
  }
  return problems;
}

/** What all versions together must be, and what they may not have twice. */
function validateSharing(internal: InternalSpec): FieldError[] {
  const { versions } = internal;
  const errors: FieldError[] = [];
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    errors.push(invalid("spec.versions", shownVersions(internal), "must contain unique version names"));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const why = "must have exactly one version marked as storage version";
    errors.push(invalid("spec.versions", shownVersions(internal), why));
  }
  const problems = internal.version === "" ? [] : checkDNS1035Label(internal.version);
  if (problems.length > 0) errors.push(invalid("spec.version", internal.version, problems.join(",")));
  return errors;
}

function validateRequiredNames({ spec }: InternalSpec): FieldError[] {
  const { names } = spec;
  return (["plural", "singular", "kind", "listKind"] as const)
    .filter((name) => !names[name])
    .map((name) => required(`spec.names.${name}`));
}

/** What all versions have alike. */
function validateShared(internal: InternalSpec, rules: DefinitionRules): FieldError[] {
  const hasStatus = [internal, ...internal.versions].some(({ subresources }) => subresources?.status !== undefined);
  const isUnchanged = rules.unchangedVersions.has(internal.version);
  const errors = [
    ...validateSchemaPart({ schema: internal.schema, path: "spec.validation", hasStatus, isUnchanged }, rules),
    ...validateSubresources(internal.subresources, "spec.subresources"),
    ...validateColumns(internal.columns, "spec.additionalPrinterColumns"),
  ];
  if (internal.selectableFields.length === 0) return errors;
  if (!internal.hasValidation) {
    const why = "may only be set when validations.schema is included";
    return [...errors, invalid("spec.selectableFields", "", why)];
  }
  return [...errors, ...validateSelectable(internal, "spec", rules.allowManySelectableFields(""))];
}
