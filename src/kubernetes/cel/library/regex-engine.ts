// Regular expressions with RE2's syntax and its promise: time linear in the text, whatever the pattern. JavaScript's own engine
// backtracks, and patterns here come from anybody who may write a custom resource definition or a policy.

import { RE2JS, RE2JSSyntaxException } from "re2js";
import { CelError } from "../values/value.ts";

export interface Regex {
  /** Whether the pattern occurs anywhere in the text. */
  test(text: string): boolean;
  /** All matches from the start on, without overlaps; at most `limit` of them, -1 for all. */
  findAll(text: string, limit: number): string[];
}

const MAX_CACHED = 1000;
const cache = new Map<string, Regex | CelError>();

/** The compiled pattern, or an error in Go's words. */
export function compileRegex(pattern: string): Regex | CelError {
  let regex = cache.get(pattern);
  if (!regex) {
    regex = compile(pattern);
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(pattern, regex);
  }
  return regex;
}

function compile(pattern: string): Regex | CelError {
  try {
    const compiled = RE2JS.compile(pattern);
    return {
      test: (text) => compiled.test(text),
      findAll: (text, limit) => findAll(compiled, text, limit),
    };
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return new CelError(goMessage(error.message));
    throw error;
  }
}

/** Go always quotes what it stumbled over. */
function goMessage(message: string): string {
  return message.endsWith("`") ? message : `${message}: \`\``;
}

/** As in Go, no empty match right after another match. */
function findAll(compiled: RE2JS, text: string, limit: number): string[] {
  const found: string[] = [];
  const matcher = compiled.matcher(text);
  let end = -1;
  while ((limit < 0 || found.length < limit) && matcher.find()) {
    const match = matcher.group() ?? "";
    if (match !== "" || matcher.start() !== end) found.push(match);
    end = matcher.end();
  }
  return found;
}
