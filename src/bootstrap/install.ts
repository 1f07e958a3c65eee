// Carries out a machine description on this host: files written, commands run, units handed to the supervisor.

import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Exec, readFileIfExists, UserError, writeFileAtomic } from "#shared";
import type { FileSpec, MachineDescription } from "./machine-description.ts";
import { askSupervisor, supervisorStatus } from "./supervisor/client.ts";
import { supervisorPaths } from "./supervisor/paths.ts";
import type { UnitSpec } from "./supervisor/unit.ts";

export interface InstallTarget {
  readonly clusterFolder: string;
  /** Runs commands on the machine. */
  readonly exec: Exec;
  readonly signal: AbortSignal;
}

/** How long a unit may take to become ready. */
const readyTimeoutMs = 60_000;

/** What is not as described, in words for a plan: files by their names, units by their states. Undefined where all is. */
export async function findDifference(
  description: MachineDescription,
  clusterFolder: string,
): Promise<string | undefined> {
  const files = [...description.files, ...unitFiles(description.units, clusterFolder)];
  const found = await Promise.all(files.map(async ({ path }) => ({ path, content: await readFileIfExists(path) })));
  if (found.every(({ content }) => content === undefined)) return "is not there";
  const changed = found.filter(({ content }, index) => content !== files[index]!.content).map(({ path }) => path);
  if (changed.length > 0) {
    // A unit's own file changes with what its process reads, which says more.
    const own = changed.filter((path) => description.files.some((file) => file.path === path));
    return `settings changed (${(own.length > 0 ? own : changed).map((path) => basename(path)).join(", ")})`;
  }
  const status = await supervisorStatus(clusterFolder);
  const idle = description.units.filter(({ name }) => {
    return !status?.units.some((unit) => unit.name === name && unit.state.state === "ready");
  });
  return idle.length > 0 ? "does not run" : undefined;
}

/** Writes the files, runs the commands, starts the units and waits until they are ready. The supervisor must run. */
export async function install(description: MachineDescription, target: InstallTarget): Promise<void> {
  const { clusterFolder, exec, signal } = target;
  const files = [...description.files, ...unitFiles(description.units, clusterFolder)];
  await Promise.all(files.map(({ path, content, mode }) => writeFileAtomic(path, content, mode)));
  for (const { argv } of description.commands) await exec(argv, { signal });
  for (const { name } of description.units) await startUnit(clusterFolder, name, signal);
}

/** Stops the unit and forgets it. */
export async function removeUnit(clusterFolder: string, name: string): Promise<void> {
  // The file first: a supervisor that starts in between must not start the unit again.
  await rm(unitFile(clusterFolder, name), { force: true });
  await askSupervisor(clusterFolder, { op: "stop", unit: name });
}

async function startUnit(clusterFolder: string, name: string, signal: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(readyTimeoutMs);
  try {
    const answer = await askSupervisor(clusterFolder, { op: "start", unit: name }, AbortSignal.any([signal, timeout]));
    if (!answer) throw new Error("no supervisor runs");
  } catch (error) {
    signal.throwIfAborted();
    const reason = timeout.aborted ? `not ready after ${readyTimeoutMs / 1000} s` : (error as Error).message;
    throw new UserError(`${name} did not start: ${reason}`, {
      hints: await describeLog(clusterFolder, name),
      cause: error,
    });
  }
}

/** The last lines a process wrote, for the error about it. */
async function describeLog(clusterFolder: string, unit: string): Promise<string[]> {
  const path = supervisorPaths(clusterFolder).logFile(unit);
  const lines = ((await readFileIfExists(path)) ?? "").trimEnd().split("\n").slice(-8);
  return [`Its log, ${path}, ends with:`, ...lines.map((line) => `  ${line.slice(0, 400)}`)];
}

function unitFiles(units: readonly UnitSpec[], clusterFolder: string): FileSpec[] {
  return units.map((unit) => ({
    path: unitFile(clusterFolder, unit.name),
    content: `${JSON.stringify(unit, null, 2)}\n`,
  }));
}

function unitFile(clusterFolder: string, name: string): string {
  return join(supervisorPaths(clusterFolder).units, `${name}.json`);
}
