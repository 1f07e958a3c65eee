// Everything `npm run check` stands for: format and lint (biome), types (tsc), import directions and cycles, size budgets.
// With --fix: formats and applies safe lint fixes first.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { checkBudgets } from "./check-budgets.ts";
import { checkImports } from "./check-imports.ts";
import { listSources } from "./list-sources.ts";

const root = join(import.meta.dirname, "..");
const fix = process.argv.includes("--fix");

interface Check {
  readonly name: string;
  run(): readonly string[];
}

const checks: readonly Check[] = [
  {
    name: "format and lint",
    run: () =>
      runTool("biome", ["check", "--error-on-warnings", "--max-diagnostics=60", ...(fix ? ["--write"] : []), "."]),
  },
  {
    name: "types",
    // What the last run has learned of files that are as they were is not worked out again.
    run: () =>
      runTool("tsc", ["--noEmit", "-p", ".", "--incremental", "--tsBuildInfoFile", ".build/types.tsbuildinfo"]),
  },
  { name: "import directions and cycles", run: () => checkImports(root, listSources(root)) },
  { name: "budgets", run: () => checkBudgets(root, listSources(root)) },
];

let failed = false;
for (const check of checks) {
  const start = performance.now();
  const problems = check.run();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${problems.length === 0 ? "ok  " : "FAIL"} ${check.name} (${seconds} s)`);
  for (const problem of problems) console.log(problem.replace(/^/gm, "     "));
  failed ||= problems.length > 0;
}
process.exitCode = failed ? 1 : 0;

function runTool(name: string, args: readonly string[]): string[] {
  const result = spawnSync(process.execPath, [binOf(name), ...args], { cwd: root, encoding: "utf8" });
  if (result.status === 0) return [];
  return [`${result.stdout}${result.stderr}`.trim() || `${name} ended with ${result.status ?? result.signal}`];
}

function binOf(name: string): string {
  const files: Record<string, string> = { biome: "@biomejs/biome/bin/biome", tsc: "typescript/bin/tsc" };
  return join(root, "node_modules", files[name]!);
}
