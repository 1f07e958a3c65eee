// Regular expressions of clients: Go's syntax (RE2), and no pattern that could keep the server busy for ever.

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
    const expression = new RegExp(pattern, "u");
    return { matches: (text) => expression.test(text) };
  } catch (error) {
    return { problem: `error parsing regexp: ${(error as Error).message}`, matches: () => false };
  }
}
