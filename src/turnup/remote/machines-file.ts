// What phase 1 hands to phase 2, as a file one can read and write: the machines of a cluster, how one gets onto them, and what each was
// set up as.

import { join } from "node:path";
import type { MachineDuty } from "#bootstrap";
import type { Machine } from "#provision";
import { exitCodes, inTurn, readFileIfExists, UserError, writeFileAtomic } from "#shared";

/** A machine, and what it does for the cluster once it was set up. */
export interface RecordedMachine extends Machine {
  readonly duty?: MachineDuty;
}

export function machinesFile(folder: string): string {
  return join(folder, "machines.json");
}

/** The machines that are recorded; none where there is no file. Throws a UserError where it cannot be read. */
export async function readMachines(file: string): Promise<readonly RecordedMachine[]> {
  const text = await readFileIfExists(file);
  return text === undefined ? [] : parseMachines(text, file);
}

/** Changes the record of one machine; undefined takes it out. Steps run side by side; their changes of the file do not. */
export function recordMachine(
  file: string,
  name: string,
  change: (before: RecordedMachine | undefined) => RecordedMachine | undefined,
): Promise<void> {
  return inTurn(file, async () => {
    const machines = await readMachines(file);
    const after = change(machines.find((machine) => machine.name === name));
    const others = machines.filter((machine) => machine.name !== name);
    await writeMachines(file, after ? [...others, after] : others);
  });
}

export async function writeMachines(file: string, machines: readonly RecordedMachine[]): Promise<void> {
  const ordered = machines.toSorted((one, other) => one.name.localeCompare(other.name, "en", { numeric: true }));
  await writeFileAtomic(file, `${JSON.stringify(ordered, null, 2)}\n`);
}

/** Takes what a person wrote: `pool` and `handle` may be left out. */
export function parseMachines(text: string, source: string): RecordedMachine[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw cannotRead(source, (cause as Error).message, cause);
  }
  if (!Array.isArray(value)) throw cannotRead(source, "it must be a list of machines");
  const machines = value.map((entry: unknown, index) => parseMachine(entry, `${source}, machine ${index + 1}`));
  const names = machines.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw cannotRead(source, `${twice} is there twice`);
  return machines;
}

const kinds = ["local", "ssh", "none"];

function parseMachine(value: unknown, source: string): RecordedMachine {
  if (typeof value !== "object" || value === null) throw cannotRead(source, "it must be an object");
  const { name, role, address, access, pool = "", handle = {} } = value as Partial<Record<keyof Machine, unknown>>;
  if (typeof name !== "string" || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    throw cannotRead(source, "name must be of lower case letters, digits and '-'");
  }
  if (role !== "control-plane" && role !== "worker") {
    throw cannotRead(source, `role of ${name} must be control-plane or worker`);
  }
  if (typeof address !== "string" || address === "") throw cannotRead(source, `${name} has no address`);
  const kind = typeof access === "object" && access !== null && "kind" in access ? access.kind : undefined;
  if (typeof kind !== "string" || !kinds.includes(kind)) {
    throw cannotRead(source, `access.kind of ${name} must be one of ${kinds.join(", ")}`);
  }
  return { ...(value as RecordedMachine), pool: String(pool), handle: handle as Record<string, string> };
}

function cannotRead(source: string, why: string, cause?: unknown): UserError {
  return new UserError(`Cannot read ${source}: ${why}`, { exitCode: exitCodes.config, cause });
}
