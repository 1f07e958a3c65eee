// Keeps a cluster's units running. Knows them from their files; notes their processes, so that a supervisor that comes after this one
// takes them over alive.

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock, Logger } from "#shared";
import { awaitSocket } from "./await-socket.ts";
import type { Launcher } from "./launcher.ts";
import type { SupervisorPaths } from "./paths.ts";
import { type NotedProcess, SupervisedUnit } from "./supervised-unit.ts";
import type { UnitSpec, UnitStatus } from "./unit.ts";

export interface SupervisorOptions {
  readonly paths: SupervisorPaths;
  readonly launcher: Launcher;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Supervisor {
  /** Starts every unit that has a file. */
  startAll(): void;
  /** Reads the unit's file and starts it, replacing a process of an older version of it; resolves when it is ready. */
  start(name: string, signal: AbortSignal): Promise<void>;
  stop(name: string): Promise<void>;
  notifyReady(name: string): void;
  status(): readonly UnitStatus[];
  /** Stops every unit. */
  stopAll(): Promise<void>;
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { paths, launcher, clock, logger } = options;
  const units = new Map<string, SupervisedUnit>();
  const noted = readNotes(paths);
  const never = new AbortController().signal;

  const writeNotes = () => {
    const notes = [...units].flatMap(([name, unit]) => (unit.noted ? [[name, unit.noted] as const] : []));
    writeNow(paths.processes, JSON.stringify(Object.fromEntries(notes), null, 2));
  };
  const awaitReady = (spec: UnitSpec, signal: AbortSignal) =>
    spec.ready.kind === "socket" ? awaitSocket(spec.ready.path, signal) : Promise.resolve();
  const add = (spec: UnitSpec): SupervisedUnit => {
    const unit = new SupervisedUnit(spec, { launcher, clock, logger, awaitReady, onChange: writeNotes });
    units.set(spec.name, unit);
    return unit;
  };
  const begin = (unit: SupervisedUnit) => {
    const { name, after } = unit.spec;
    const before = Promise.all(after.map((other) => units.get(other)?.untilReady(never)));
    unit.start(before, noted[name]);
    delete noted[name];
  };
  const followers = (name: string) => [...units.values()].filter(({ spec }) => spec.after.includes(name));
  const stop = async (name: string): Promise<void> => {
    const unit = units.get(name);
    if (!unit) return;
    await Promise.all(followers(name).map(({ spec }) => stop(spec.name)));
    await unit.stop();
    units.delete(name);
    writeNotes();
  };

  return {
    startAll() {
      const specs = readUnits(paths.units);
      for (const spec of specs) add(spec);
      endUnwanted(noted, units, launcher);
      for (const spec of specs) begin(units.get(spec.name)!);
    },
    async start(name, signal) {
      const spec = readUnit(paths.units, name);
      const known = units.get(name);
      // One that has failed is tried again at once, not when its time has come.
      if (known && (known.status.state.state === "failed" || JSON.stringify(known.spec) !== JSON.stringify(spec))) {
        await known.stop();
        units.delete(name);
      }
      const unit = units.get(name) ?? add(spec);
      begin(unit);
      await unit.whenReady(signal);
    },
    stop,
    notifyReady: (name) => units.get(name)?.notifyReady(),
    status: () => [...units.values()].map(({ status }) => status),
    async stopAll() {
      await Promise.all([...units.keys()].map(stop));
    },
  };
}

function readUnits(folder: string): UnitSpec[] {
  mkdirSync(folder, { recursive: true });
  const names = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return names.toSorted().map((file) => readUnit(folder, file.slice(0, -".json".length)));
}

function readUnit(folder: string, name: string): UnitSpec {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as UnitSpec;
}

/** The processes that a supervisor of the cluster has noted, by unit. */
export function readNotes({ processes }: SupervisorPaths): Record<string, NotedProcess> {
  try {
    return JSON.parse(readFileSync(processes, "utf8")) as Record<string, NotedProcess>;
  } catch {
    return {};
  }
}

/** Units that were removed while no supervisor ran. */
function endUnwanted(
  noted: Readonly<Record<string, NotedProcess>>,
  units: ReadonlyMap<string, unknown>,
  launcher: Launcher,
): void {
  for (const [name, { identity }] of Object.entries(noted)) {
    if (!units.has(name)) launcher.adopt(identity)?.kill("SIGTERM");
  }
}

/** Whole or not at all, before anything else happens; need not survive a power cut, as no process would. */
function writeNow(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.tmp`, content);
  renameSync(`${path}.tmp`, path);
}
