// How this installation starts its own programs: from the bundles where it runs from one, from the sources in a test or a tool.

import { join } from "node:path";

export type ProcessName = "supervisor" | "control-plane" | "agent" | "machine";

/** The command line of one of the long-running processes. */
export function processArguments(name: ProcessName, ...args: readonly string[]): string[] {
  if (runsFromSource()) return [process.execPath, join(import.meta.dirname, "processes", `${name}.ts`), ...args];
  return [process.execPath, join(import.meta.dirname, "process.cjs"), name, ...args];
}

/** The command line of the slipway command. */
export function commandArguments(...args: readonly string[]): string[] {
  const file = runsFromSource() ? "main.ts" : "bin.cjs";
  return [process.execPath, join(import.meta.dirname, file), ...args];
}

function runsFromSource(): boolean {
  return import.meta.filename.endsWith(".ts");
}
