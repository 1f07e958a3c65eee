// What a kind's check of an object is told by its caller, beyond the object: what others have found, and where to report to.

import type { FieldError } from "../field-error.ts";

/** What is wrong with the expression at a path; whoever asks decides where among other errors that is told. */
export type ExpressionErrors = (path: string) => readonly FieldError[];

export interface CheckContext {
  /** What is wrong with its metadata by the rules common to all kinds; it is told by the caller. */
  readonly ofMetadata: readonly FieldError[];
  /** Takes what is to be told of the object whether or not it is wrong. */
  readonly warn: (text: string) => void;
  readonly expressionErrors: ExpressionErrors;
}

/** Expressions are looked at by nobody, warnings read by nobody. */
export const bareContext: CheckContext = { ofMetadata: [], warn: () => {}, expressionErrors: () => [] };
