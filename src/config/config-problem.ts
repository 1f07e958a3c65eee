// What is wrong with a configuration: every problem with the path of its field and, where a file was read, its line.

import { exitCodes, UserError } from "#shared";

/** Where a field lies: keys of mappings and indices of lists, from the top. */
export type FieldPath = readonly (string | number)[];

export interface ConfigProblem {
  readonly path: FieldPath;
  /** What is wrong, or wanted, without the path: 'must be a number, not "two"'. */
  readonly message: string;
  /** Where the path names a field that is not known: problems then point at the key, not at its value. */
  readonly atKey?: boolean;
  /** Counted from 1. */
  readonly line?: number;
}

/** "workers[0].labels.app", as in upstream's field errors; a key that is no plain word is put in brackets. */
export function formatPath(path: FieldPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(part)) text += text === "" ? part : `.${part}`;
    else text += `[${part}]`;
  }
  return text;
}

/** A configuration that cannot be used; its message lists every problem, one line each. */
export class ConfigError extends UserError {
  readonly problems: readonly ConfigProblem[];

  constructor(source: string, problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    const lines = problems.map((problem) => `  ${describeProblem(source, problem)}`);
    super(`Cannot use ${source}: ${count}\n${lines.join("\n")}`, { exitCode: exitCodes.config });
    this.problems = problems;
  }
}

function describeProblem(source: string, problem: ConfigProblem): string {
  const place = problem.line === undefined ? "" : `${source}:${problem.line}: `;
  const path = formatPath(problem.path);
  return `${place}${path === "" ? "" : `${path}: `}${problem.message}`;
}
