// Regular expressions of clients: Go's syntax (RE2) and its promise, time linear in the text whatever the pattern. JavaScript's own
// engine backtracks, and patterns come from anybody who may write a custom resource definition or a policy.

import { RE2JS, RE2JSSyntaxException } from "re2js";

export interface CompiledPattern {
  /** Why it is no pattern, in Go's words; then it matches nothing. */
  readonly problem?: string;
  /** Whether it is found anywhere in the text. */
  readonly matches: (text: string) => boolean;
  /** All matches from the start on, without overlaps; at most `limit` of them, -1 for all. */
  readonly findAll: (text: string, limit: number) => string[];
}

const compiled = new Map<string, CompiledPattern>();
const mostKept = 1_000;

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
    return {
      matches: (text) => expression.test(text),
      findAll: (text, limit) => findAll(expression, text, limit),
    };
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return { problem: goMessage(error.message), matches: () => false, findAll: () => [] };
  }
}

/** Go always quotes what it stumbled over. */
function goMessage(message: string): string {
  return message.endsWith("`") ? message : `${message}: \`\``;
}

/** As in Go, no empty match right after another match. */
function findAll(expression: RE2JS, text: string, limit: number): string[] {
  const found: string[] = [];
  const matcher = expression.matcher(text);
  let end = -1;
  while ((limit < 0 || found.length < limit) && matcher.find()) {
    const match = matcher.group() ?? "";
    if (match !== "" || matcher.start() !== end) found.push(match);
    end = matcher.end();
  }
  return found;
}
