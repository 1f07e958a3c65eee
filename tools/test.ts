// Runs the tests: `npm test` all of them, `npm test -- PATH…` those under the given paths. Unit and integration tests run side
// by side; end-to-end tests, which run real containers as root, one file after another.

import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { listSources } from "./list-sources.ts";

/** Ends a file that hangs, long before CI would. */
const timeout = "--test-timeout=300000";

const root = join(import.meta.dirname, "..");
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const options = process.argv.slice(2).filter((argument) => argument.startsWith("-"));
const tests = listSources(root).filter((file) => file.endsWith(".test.ts"));
const chosen =
  wanted.length === 0 ? tests : tests.filter((file) => wanted.some((path) => file.startsWith(path.replace(/\/$/, ""))));
const endToEnd = chosen.filter((file) => file.startsWith("test/e2e/"));
const others = chosen.filter((file) => !file.startsWith("test/e2e/"));

if (chosen.length === 0) {
  console.error(`Cannot run tests: none lie under ${wanted.join(", ")}`);
  process.exit(2);
}
const failed = [
  run(others, [`--test-concurrency=${availableParallelism()}`]),
  run(endToEnd, ["--test-concurrency=1"]),
].some((code) => code !== 0);
process.exitCode = failed ? 1 : 0;

function run(files: readonly string[], flags: readonly string[]): number {
  if (files.length === 0) return 0;
  const args = ["--test", "--test-reporter=spec", timeout, ...flags, ...options, ...files];
  const result = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  return result.status ?? 1;
}
