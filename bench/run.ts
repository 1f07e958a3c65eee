// Runs benchmarks by name: `npm run bench -- NAME [ARG…]`; without a name it lists them. Each is a file of this folder that says in
// its first lines what it measures, and runs for itself as well: `node bench/NAME.ts`.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = import.meta.dirname;
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".ts") && !["run.ts", "api-server.ts"].includes(file))
  .map((file) => file.slice(0, -3));
const [name, ...rest] = process.argv.slice(2);

if (name === undefined) {
  for (const each of names) console.log(`${each.padEnd(12)} ${firstSentence(each)}`);
} else if (names.includes(name)) {
  const flags = ["--expose-gc", join(folder, `${name}.ts`)];
  process.exitCode = spawnSync(process.execPath, [...flags, ...rest], { stdio: "inherit" }).status ?? 1;
} else {
  console.error(`Cannot run "${name}": there are ${names.join(", ")}`);
  process.exitCode = 2;
}

function firstSentence(each: string): string {
  const [line = ""] = readFileSync(join(folder, `${each}.ts`), "utf8").split("\n");
  return line.replace(/^\/\/ /, "");
}
