// Regular expressions of clients: Go's syntax (RE2), and time linear in the text, whatever the pattern: patterns come from anybody
// who may write a custom resource definition.

import { RE2JS, RE2JSSyntaxException } from "re2js";

export interface CompiledPattern {
  /** Why it is no pattern, in Go's words; then it matches nothing. */
  readonly problem?: string;
  /** Whether it is found anywhere in the text. */
  readonly matches: (text: string) => boolean;
}

const compiled = new Map<string, CompiledPattern>();
const mostKept = 10_000;

/** Compiles a pattern, or finds it compiled. */
export function compilePattern(pattern: string): CompiledPattern {
  let found = compiled.get(pattern);
  if (!found) {
    found = compile(pattern);
    if (compiled.size >= mostKept) compiled.clear();
    compiled.set(pattern, found);
  }
  return found;
}

function compile(pattern: string): CompiledPattern {
  try {
    const expression = RE2JS.compile(pattern);
    return { matches: (text) => expression.test(text) };
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    // Go always quotes what it stumbled over.
    const problem = error.message.endsWith("`") ? error.message : `${error.message}: \`\``;
    return { problem, matches: () => false };
  }
}
