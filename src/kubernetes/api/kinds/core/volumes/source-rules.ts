// Kinds of volumes, of which every volume has exactly one: a table of rules says what each asks.

import { child, type FieldError, forbiddenField, required } from "../../../field-error.ts";

/** What is checked of one source. `path` is the source's; `context` is what else the checks need to know. */
export type SourceCheck<Context> = (source: never, path: string, errors: FieldError[], context: Context) => void;

export interface SourceRule<Context> {
  readonly field: string;
  readonly check: SourceCheck<Context>;
  /** Where upstream's errors about the source lie, if elsewhere than at its field. */
  readonly place?: string;
  /** What upstream calls the field of a source too many, if otherwise. */
  readonly name?: string;
  /** Upstream forgot to refuse it next to another source. */
  readonly mayFollow?: boolean;
  /** What is checked even of a source too many. */
  readonly always?: SourceCheck<Context>;
}

/** The first source of `volume`, in the rules' order, is checked; any further one is reported. */
export function validateOnlySource<Context>(
  volume: object,
  rules: readonly SourceRule<Context>[],
  path: string,
  errors: FieldError[],
  context: Context,
): void {
  let found = false;
  for (const { field, check, place = field, name = field, mayFollow, always } of rules) {
    const source = (volume as Readonly<Record<string, unknown>>)[field];
    if (!source) continue;
    if (!found || mayFollow) {
      found = true;
      check(source as never, child(path, place), errors, context);
    } else {
      errors.push(forbiddenField(child(path, name), "may not specify more than 1 volume type"));
    }
    always?.(source as never, child(path, place), errors, context);
  }
  if (!found) errors.push(required(path, "must specify a volume type"));
}
