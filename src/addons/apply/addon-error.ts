// What the API server says against an add-on's objects, for people: each object by its name, fields others manage with whom, fields that
// cannot change by their path. Secrets' contents never get into messages: only paths do.

import { StatusError, type UnknownObject } from "#kubernetes/api";
import { describeError, exitCodes, UserError } from "#shared";
import { nameObject } from "./addon-objects.ts";

/** A field that somebody else manages. */
export interface FieldConflict {
  /** "kubectl-edit". */
  readonly manager: string;
  /** "spec.replicas". */
  readonly field: string;
}

/** The conflicts a refused apply names; none where it was refused for another reason. */
export function conflictsOf(error: unknown): FieldConflict[] {
  if (!(error instanceof StatusError) || error.reason !== "Conflict") return [];
  return (error.details?.causes ?? [])
    .filter(({ reason }) => reason === "FieldManagerConflict")
    .map(({ message = "", field = "" }) => ({
      manager: /conflict with "([^"]*)"/.exec(message)?.[1] ?? "another",
      field: field.replace(/^\./, ""),
    }));
}

/** What upstream's validation says of a field that is right, but for being another than before. */
const cannotChange =
  /immutable|updates? (to|may)|cannot change|may not change|not be (changed|updated)|cannot be (changed|updated)/i;

/** The fields an update was refused for just because they cannot change; none where anything else is wrong with the object. */
export function immutableFieldsOf(error: unknown): string[] {
  if (!(error instanceof StatusError) || error.reason !== "Invalid") return [];
  const causes = error.details?.causes ?? [];
  return causes.every(({ message = "" }) => cannotChange.test(message)) ? causes.map(({ field = "" }) => field) : [];
}

/** What stands in the way of one object. */
export interface ObjectProblem {
  readonly object: UnknownObject;
  readonly error: unknown;
}

/** One error for all objects that could not be brought in: the end of a sentence, as causes are. */
export function addonError(problems: readonly ObjectProblem[]): UserError {
  const lines = problems.map(({ object, error }) => `  ${nameObject(object)}: ${describeProblem(error)}`);
  const hints = [...new Set(problems.flatMap(({ error }) => hintsFor(error)))];
  return new UserError(
    `${problems.length === 1 ? "one object is" : `${problems.length} objects are`} refused:\n${lines.join("\n")}`,
    {
      hints,
      exitCode: problems.some(({ error }) => conflictsOf(error).length > 0) ? exitCodes.conflict : exitCodes.addons,
      cause: problems[0]?.error,
    },
  );
}

function describeProblem(error: unknown): string {
  const conflicts = conflictsOf(error);
  if (conflicts.length > 0) return describeConflicts(conflicts);
  const fields = immutableFieldsOf(error);
  if (fields.length > 0) return `${fields.join(", ")} cannot change where it stands`;
  return describeError(error);
}

/** "spec.replicas is managed by kubectl-scale". */
export function describeConflicts(conflicts: readonly FieldConflict[]): string {
  const byManager = Map.groupBy(conflicts, ({ manager }) => manager);
  return [...byManager]
    .map(([manager, found]) => {
      const fields = found.map(({ field }) => field);
      return `${fields.join(", ")} ${fields.length === 1 ? "is" : "are"} managed by ${manager}`;
    })
    .join("; ");
}

function hintsFor(error: unknown): string[] {
  if (conflictsOf(error).length > 0) {
    return [
      "Overwrite what others have set with --overwrite, or `conflicts: overwrite` at the add-on in the configuration.",
    ];
  }
  if (immutableFieldsOf(error).length > 0) {
    return ["Have such objects deleted and made anew with `slipway addon upgrade --replace`; their pods start again."];
  }
  return [];
}
