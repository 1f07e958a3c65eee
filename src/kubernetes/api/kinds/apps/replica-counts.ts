// Numbers in the status of workloads: none negative, parts no larger than the whole, and a counter that only grows.

import { type FieldError, invalid } from "../../field-error.ts";
import { reportNegative } from "../report.ts";

type Counts<Name extends string> = { readonly [Field in Name]?: number | undefined };

export function validateCounts<Name extends string>(
  status: Counts<Name>,
  names: readonly Name[],
  errors: FieldError[],
): void {
  for (const name of names) reportNegative(errors, `status.${name}`, status[name]);
}

/** `name` counts some of what `whole` counts; `shown` is what messages call the whole. */
export function validatePart<Name extends string>(
  status: Counts<Name>,
  name: Name,
  whole: Name,
  errors: FieldError[],
  shown = `status.${whole}`,
): void {
  const count = status[name] ?? 0;
  if (count > (status[whole] ?? 0)) errors.push(invalid(`status.${name}`, count, `cannot be greater than ${shown}`));
}

interface CollisionStatus {
  readonly collisionCount?: number;
}

export function validateCollisions(status: CollisionStatus, old: CollisionStatus, errors: FieldError[]): void {
  const { collisionCount } = status;
  if (old.collisionCount === undefined) return;
  if (collisionCount !== undefined && collisionCount >= old.collisionCount) return;
  errors.push(invalid("status.collisionCount", collisionCount ?? 0, "cannot be decremented"));
}
