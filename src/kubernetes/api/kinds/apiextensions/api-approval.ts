// Groups of Kubernetes' own domains: definitions in them must say who has approved the API.

import { entry, type FieldError, invalid, required } from "../../field-error.ts";
import type { CustomResourceDefinition } from "../../generated/types.ts";
import { isRequestUri } from "../../structural/values/uri-formats.ts";

const annotation = "api-approved.kubernetes.io";

export type ApprovalState = "missing" | "bypassed" | "approved" | "invalid";

export interface Approval {
  readonly state: ApprovalState;
  readonly reason: string;
}

export function isProtectedGroup(group: string): boolean {
  return /(^|\.)(k8s|kubernetes)\.io$/.test(group);
}

export function approvalOf({ metadata }: CustomResourceDefinition): Approval {
  const value = metadata.annotations?.[annotation] ?? "";
  const see = "see https://github.com/kubernetes/enhancements/pull/1111";
  const must = `protected groups must have approval annotation "${annotation}"`;
  if (value === "") return { state: "missing", reason: `${must}, ${see}` };
  if (value.startsWith("unapproved")) return { state: "bypassed", reason: `not approved: ${JSON.stringify(value)}` };
  const isUrl = isRequestUri(value) && /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?]+/.test(value);
  if (isUrl) return { state: "approved", reason: `approved in ${value}` };
  return { state: "invalid", reason: `${must} with either a URL or a reason starting with "unapproved", ${see}` };
}

export function validateApproval(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): FieldError[] {
  if (!isProtectedGroup(definition.spec.group)) return [];
  const { state, reason } = approvalOf(definition);
  // Whoever changes something else need not know of it.
  if (old && approvalOf(old).state === state) return [];
  const path = entry("metadata.annotations", annotation);
  if (state === "missing") return [required(path, reason)];
  if (state === "invalid") return [invalid(path, definition.metadata.annotations?.[annotation] ?? "", reason)];
  return [];
}
