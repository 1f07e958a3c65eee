// What is answered when an apply would change what others own.

import type { StatusCause } from "../generated/types.ts";
import { quote } from "../go-format.ts";
import { applyConflict, type StatusError } from "../status-error.ts";
import { difference, type FieldSet, isEmptySet, pathsOf } from "./fields/field-set.ts";
import { describeElement } from "./fields/path-element.ts";
import { identifierOf, type Manager } from "./managed-fields.ts";
import type { Conflict } from "./ownership.ts";

/** The conflicts, without the given fields. */
export function withoutConflictsOver(conflicts: readonly Conflict[], allowed: FieldSet): Conflict[] {
  return conflicts
    .map(({ manager, fields }) => ({ manager, fields: difference(fields, allowed) }))
    .filter(({ fields }) => !isEmptySet(fields));
}

/** A Conflict (409) with a cause for each field, by manager and then in the order of fields. */
export function conflictError(conflicts: readonly Conflict[]): StatusError {
  const byManager = conflicts
    .toSorted((a, b) => (identifierOf(a.manager) < identifierOf(b.manager) ? -1 : 1))
    .map(({ manager, fields }) => ({ manager: describeManager(manager), paths: pathsOf(fields).map(describePath) }));
  const causes: StatusCause[] = byManager.flatMap(({ manager, paths }) =>
    paths.map((field) => ({ reason: "FieldManagerConflict", message: `conflict with ${manager}`, field })),
  );
  if (causes.length === 1) {
    const [{ message, field }] = causes as [StatusCause];
    return applyConflict(causes, `Apply failed with 1 conflict: ${message}: ${field}`);
  }
  const lines = byManager.flatMap(({ manager, paths }) => [
    `conflicts with ${manager}:`,
    ...paths.map((path) => `- ${path}`),
  ]);
  return applyConflict(causes, `Apply failed with ${causes.length} conflicts: ${lines.join("\n")}`);
}

function describePath(elements: readonly string[]): string {
  return elements.map(describeElement).join("");
}

function describeManager({ name, operation, apiVersion, subresource }: Manager): string {
  const where = subresource === "" ? "" : ` with subresource ${quote(subresource)}`;
  return `${quote(name)}${where}${operation === "Update" ? ` using ${apiVersion}` : ""}`;
}
