// Compiles an expression of which it is known what it must evaluate to.

import { type CelType, compile, type Environment, type Program } from "#kubernetes/cel";

export type CompiledExpression = { readonly program: Program } | { readonly problem: string };

/** `wanted`: the types it may have, exactly; absent: any. The problem is told in upstream's words. */
export function compileExpression(
  text: string,
  environment: Environment,
  wanted?: readonly CelType[],
): CompiledExpression {
  const result = compile(text, environment);
  if (!result.ok) return { problem: `compilation failed: ${result.message}` };
  const given = String(result.program.type);
  if (!wanted || wanted.some((type) => String(type) === given)) return { program: result.program };
  const expected = wanted.length === 1 ? String(wanted[0]) : `one of [${wanted.join(" ")}]`;
  return { problem: `must evaluate to ${expected} but got ${given}` };
}
