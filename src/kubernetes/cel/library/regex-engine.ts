// Regular expressions of expressions.

import { type CompiledPattern, compilePattern } from "#kubernetes/api";
import { CelError } from "../values/value.ts";

/** The compiled pattern, or an error in Go's words. */
export function compileRegex(pattern: string): CompiledPattern | CelError {
  const compiled = compilePattern(pattern);
  return compiled.problem === undefined ? compiled : new CelError(compiled.problem);
}
