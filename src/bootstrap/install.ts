// Carries out a machine description on this host: files written, commands run, units handed to the supervisor.

import { rm } from "node:fs/promises";
import { join } from "node:path";
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

/** Whether every file is as described and every unit is ready. */
export async function isInstalled(description: MachineDescription, clusterFolder: string): Promise<boolean> {
  const files = [...description.files, ...unitFiles(description.units, clusterFolder)];
  const same = await Promise.all(files.map(async ({ path, content }) => (await readFileIfExists(path)) === content));
  if (!same.every(Boolean)) return false;
  const status = await supervisorStatus(clusterFolder);
  return description.units.every(({ name }) => {
    return status?.units.some((unit) => unit.name === name && unit.state.state === "ready") ?? false;
  });
}

/** Writes the files, runs the commands, starts the units and waits until they are ready. The supervisor must run. */
export async function install(description: MachineDescription, target: InstallTarget): Promise<void> {
  const { clusterFolder, exec, signal } = target;
  const files = [...description.files, ...unitFiles(description.units, clusterFolder)];
  await Promise.all(files.map(({ path, content, mode }) => writeFileAtomic(path, content, mode)));
  for (const command of description.commands) await exec(command, { signal });
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
