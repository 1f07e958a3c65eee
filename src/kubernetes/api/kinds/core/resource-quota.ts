// ResourceQuota: how much a namespace may use in all, of which kinds of resources, counted for which pods (scopes).

import { child, entry, type FieldError, invalid, required } from "../../field-error.ts";
import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from "../../generated/types.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { immutableError } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";
import {
  compareAmounts,
  formatAmount,
  type ResourceList,
  roundUpAmounts,
  validateAmount,
} from "./resources/quantities.ts";
import { isStandardQuotaResource } from "./resources/resource-names.ts";
import { validateQuotaResourceName } from "./resources/validate-resource-name.ts";

type DecodedQuota = Decoded<ResourceQuota, "spec" | "status">;

export const resourceQuota = defineKind<DecodedQuota>({
  group: "",
  version: "v1",
  kind: "ResourceQuota",
  hasGeneration: false,
  setDefaults: ({ spec, status }) => {
    for (const list of [spec.hard, status.hard, status.used]) roundUpAmounts(list);
  },
  prepareForCreate: (object) => {
    object.status = {};
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
  },
  validate: ({ spec }) => validateSpec(spec),
  validateUpdate: ({ spec }, old) => [...validateSpec(spec), ...validateScopesUpdate(spec, old.spec)],
  validateStatusUpdate: ({ status }) => {
    const errors: FieldError[] = [];
    validateAmounts(status.hard, "status.hard", errors);
    validateAmounts(status.used, "status.used", errors);
    return errors;
  },
  warnings: ({ spec }, old) => (old ? [] : warnOfLimits(spec.hard ?? {})),
  tableCells: (object, now) => ({ cells: quotaCells(object, now) }),
});

function validateSpec(spec: ResourceQuotaSpec): FieldError[] {
  const errors: FieldError[] = [];
  validateAmounts(spec.hard, "spec.hard", errors);
  validateScopes(spec, errors);
  if (spec.scopeSelector) validateScopeSelector(spec, "spec.scopeSelector.matchExpressions", errors);
  return errors;
}

function validateAmounts(list: ResourceList | undefined, path: string, errors: FieldError[]): void {
  for (const name in list) {
    validateQuotaResourceName(name, entry(path, name), errors);
    validateAmount(name, list[name] as string, entry(path, name), errors);
  }
}

const podResources = ["pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];

/** Which resources can be counted for the objects of a scope. */
const resourcesOfScope: Readonly<Record<string, readonly string[]>> = {
  Terminating: podResources,
  NotTerminating: podResources,
  NotBestEffort: podResources,
  PriorityClass: podResources,
  CrossNamespacePodAffinity: podResources,
  BestEffort: ["pods"],
  VolumeAttributesClass: ["persistentvolumeclaims", "requests.storage"],
};

const excludingScopes = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
] as const;

function validateScopes(spec: ResourceQuotaSpec, errors: FieldError[]): void {
  const path = "spec.scopes";
  const scopes = spec.scopes ?? [];
  for (const scope of scopes) {
    if (!(scope in resourcesOfScope)) errors.push(invalid(path, scopes, "unsupported scope"));
    for (const _name of foreignResources(spec, scope)) {
      errors.push(invalid(path, scopes, "unsupported scope applied to resource"));
    }
  }
  validateExclusion(scopes, path, spec, errors);
}

function foreignResources(spec: ResourceQuotaSpec, scope: string): string[] {
  const countable = resourcesOfScope[scope];
  if (!countable) return [];
  return Object.keys(spec.hard ?? {}).filter((name) => isStandardQuotaResource(name) && !countable.includes(name));
}

function validateExclusion(
  scopes: readonly string[],
  path: string,
  spec: ResourceQuotaSpec,
  errors: FieldError[],
): void {
  for (const pair of excludingScopes) {
    if (pair.every((scope) => scopes.includes(scope))) {
      errors.push(invalid(path, spec.scopes, "conflicting scopes"));
    }
  }
}

function validateScopeSelector(spec: ResourceQuotaSpec, path: string, errors: FieldError[]): void {
  const requirements = spec.scopeSelector?.matchExpressions ?? [];
  for (const requirement of requirements) {
    const { scopeName } = requirement;
    if (!(scopeName in resourcesOfScope)) {
      errors.push(invalid(child(path, "scopeName"), scopeName, "unsupported scope"));
    }
    for (const _name of foreignResources(spec, scopeName)) {
      const shown = internalForm("ScopeSelector", spec.scopeSelector);
      errors.push(invalid(path, shown, "unsupported scope applied to resource"));
    }
    validateRequirement(requirement, path, errors);
  }
  validateExclusion(
    requirements.map(({ scopeName }) => scopeName),
    path,
    spec,
    errors,
  );
}

const scopesThatExist = ["BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity"];

function validateRequirement(
  { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement,
  path: string,
  errors: FieldError[],
): void {
  if (scopesThatExist.includes(scopeName) && operator !== "Exists") {
    const why =
      "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
    errors.push(invalid(child(path, "operator"), operator, why));
  }
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length === 0) {
        const why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
        errors.push(required(child(path, "values"), why));
      }
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0) {
        const why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
        errors.push(invalid(child(path, "values"), values, why));
      }
      break;
    default:
      errors.push(invalid(child(path, "operator"), operator, "not a valid selector operator"));
  }
}

function validateScopesUpdate(spec: ResourceQuotaSpec, old: ResourceQuotaSpec): FieldError[] {
  const [scopes, oldScopes] = [new Set(spec.scopes), new Set(old.scopes)];
  if (scopes.size === oldScopes.size && [...scopes].every((scope) => oldScopes.has(scope))) return [];
  return [invalid("spec.scopes", spec.scopes, immutableError)];
}

/** A request that is more than the limit can never be used up. */
function warnOfLimits(hard: ResourceList): string[] {
  const warnings: string[] = [];
  for (const resource of ["cpu", "memory", "storage", "ephemeral-storage"]) {
    const isCompute = resource === "cpu" || resource === "memory";
    const request = `requests.${resource}` in hard || !isCompute ? `requests.${resource}` : resource;
    const limit = `limits.${resource}`;
    const [requested, limited] = [hard[request], hard[limit]];
    if (requested === undefined || limited === undefined || compareAmounts(requested, limited) <= 0) continue;
    const amounts = [formatAmount(requested), formatAmount(limited)];
    warnings.push(`ResourceQuota ${request} (${amounts[0]}) should be less than ${limit} (${amounts[1]})`);
  }
  return warnings;
}

function quotaCells({ metadata, status }: DecodedQuota, now: number): unknown[] {
  const requests: string[] = [];
  const limits: string[] = [];
  for (const [name, hard] of Object.entries(status.hard ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const column = name.startsWith("limits.") ? limits : requests;
    column.push(`${name}: ${status.used?.[name] ?? "0"}/${hard}`);
  }
  return [metadata.name, requests.join(", "), limits.join(", "), formatAge(metadata.creationTimestamp, now)];
}
