// Checks sizes: files over 500 lines and folders over 25 sources fail; prints nothing else. `--print` shows the table.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const mostLines = 500;
const mostFilesInFolder = 25;
/** Tests of a whole interface and listings of data may be longer; each is named here with its reason. */
const allowedLong: Readonly<Record<string, string>> = {};

/** Everything over budget, one line each. */
export function checkBudgets(root: string, files: readonly string[]): string[] {
  const problems: string[] = [];
  const folders = new Map<string, number>();
  for (const file of files) {
    const lines = readFileSync(join(root, file), "utf8").split("\n").length;
    if (lines > mostLines && !allowedLong[file] && !file.endsWith(".test.ts")) {
      problems.push(`${file}: ${lines} lines, at most ${mostLines}: split it by responsibility`);
    }
    if (!file.endsWith(".test.ts")) folders.set(dirname(file), (folders.get(dirname(file)) ?? 0) + 1);
  }
  for (const [folder, count] of folders) {
    if (count > mostFilesInFolder)
      problems.push(`${folder}: ${count} sources, at most ${mostFilesInFolder}: make sub-folders`);
  }
  return problems;
}
