// Fields and resources of a pod that its containers can be told of, in environment variables and files.

import { child, type FieldError, invalid, notSupported, required } from "../../field-error.ts";
import type { ObjectFieldSelector, ResourceFieldSelector } from "../../generated/types.ts";
import { checkQualifiedName } from "../../names.ts";
import { canonicalizeQuantity } from "../../quantity/format.ts";
import { quantityMilliValue } from "../../quantity/values.ts";
import { reportInvalid } from "../report.ts";

/** What environment variables can be made of, in the order of messages. */
export const environmentFields: readonly string[] = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];

/** What files can be made of. */
export const fileFields: readonly string[] = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
];

const otherKnownFields = ["spec.restartPolicy", "spec.schedulerName", "status.phase"];
const knownFields = new Set([...environmentFields, ...fileFields, ...otherKnownFields]);

const resourceFields = [
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
];

export function validateFieldSelector(
  selector: ObjectFieldSelector,
  supported: readonly string[],
  path: string,
  errors: FieldError[],
): void {
  for (const field of ["apiVersion", "fieldPath"] as const) {
    if (!selector[field]) {
      errors.push(required(child(path, field)));
      return;
    }
  }
  const problem = describeUnknownField(selector);
  if (problem !== undefined) {
    errors.push(invalid(child(path, "fieldPath"), selector.fieldPath, `error converting fieldPath: ${problem}`));
    return;
  }
  const [field, key] = splitSubscript(selector.fieldPath);
  if (key !== undefined) {
    const name = field === "metadata.annotations" ? key.toLowerCase() : key;
    reportInvalid(errors, path, name, checkQualifiedName(name));
    return;
  }
  const current = field === "spec.host" ? "spec.nodeName" : field;
  if (!supported.includes(current)) errors.push(notSupported(child(path, "fieldPath"), current, supported));
}

function describeUnknownField({ apiVersion, fieldPath }: ObjectFieldSelector): string | undefined {
  if (apiVersion !== "v1") return `unsupported pod version: ${apiVersion}`;
  const [field, key] = splitSubscript(fieldPath);
  if (key !== undefined) {
    const hasKeys = field === "metadata.annotations" || field === "metadata.labels";
    return hasKeys ? undefined : `field label does not support subscript: ${fieldPath}`;
  }
  return field === "spec.host" || knownFields.has(field) ? undefined : `field label not supported: ${fieldPath}`;
}

/** "metadata.labels['a']" is key a of metadata.labels. */
export function splitSubscript(fieldPath: string): [field: string, key: string | undefined] {
  const match = /^(.+?)\['(.*)'\]$/s.exec(fieldPath);
  return match ? [match[1] ?? "", match[2]] : [fieldPath, undefined];
}

export interface ResourceSelectorOptions {
  /** In files it must be said whose resources are meant. */
  readonly needsContainer: boolean;
}

export function validateResourceSelector(
  selector: ResourceFieldSelector,
  path: string,
  errors: FieldError[],
  { needsContainer }: ResourceSelectorOptions,
): void {
  const { containerName, resource, divisor } = selector;
  if (needsContainer && !containerName) errors.push(required(child(path, "containerName")));
  else if (!resource) errors.push(required(child(path, "resource")));
  else if (!resourceFields.includes(resource) && !isHugePagesField(resource)) {
    errors.push(notSupported(child(path, "resource"), resource, resourceFields));
  }
  if (divisor !== undefined) validateDivisor(resource, divisor, child(path, "divisor"), errors);
}

function isHugePagesField(resource: string): boolean {
  return resource.startsWith("requests.hugepages-") || resource.startsWith("limits.hugepages-");
}

const byteDivisors = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

function validateDivisor(resource: string, divisor: string, path: string, errors: FieldError[]): void {
  if (quantityMilliValue(divisor) === 0) return;
  const unit = canonicalizeQuantity(divisor);
  if (resource === "limits.cpu" || resource === "requests.cpu") {
    if (unit !== "1m" && unit !== "1") {
      errors.push(invalid(path, resource, "only divisor's values 1m and 1 are supported with the cpu resource"));
    }
    return;
  }
  const kind = byteResourceKind(resource);
  if (kind === undefined || byteDivisors.includes(unit)) return;
  errors.push(
    invalid(path, resource, `only divisor's values ${byteDivisors.join(", ")} are supported with the ${kind} resource`),
  );
}

function byteResourceKind(resource: string): string | undefined {
  if (resource === "limits.memory" || resource === "requests.memory") return "memory";
  if (resource === "limits.ephemeral-storage" || resource === "requests.ephemeral-storage") {
    return "local ephemeral storage";
  }
  return isHugePagesField(resource) ? "hugepages" : undefined;
}
