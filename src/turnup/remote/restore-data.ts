// Puts saved data in the place of what the control planes of a cluster on machines elsewhere have: brought to all of them and made ready
// there first, then exchanged while no API server runs.

import { basename, join } from "node:path";
import { type BootstrapMachine, type DataRestore, type RemoteTarget, runCommands } from "#bootstrap";
import type { MachineConnection } from "#provision";
import { type Clock, systemClock } from "#shared";
import type { PlanInput } from "../plan-input.ts";
import type { RecordedMachine } from "./machines-file.ts";
import { remoteOf } from "./remote-cluster.ts";

export interface RestoreRequest {
  readonly restore: DataRestore;
  /** Data as the restore's engine takes it, on this machine. */
  readonly file: string;
  /** All that are to have it. */
  readonly controlPlanes: readonly RecordedMachine[];
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  report?(detail: string): void;
  /** Called when all is ready, just before the API servers stop. */
  beforeStop(): Promise<void>;
}

interface Target {
  readonly machine: RecordedMachine;
  readonly target: Required<Omit<RemoteTarget, "artifacts" | "secrets" | "onReport">>;
}

/** Ends when every API server serves the data. Throws a UserError that names the machine on which it came no further. */
export async function restoreData(input: PlanInput, request: RestoreRequest): Promise<void> {
  const { restore, file, controlPlanes, signal, clock = systemClock, report = () => {} } = request;
  const { arrivalFolder } = restore;
  const arrived = join(arrivalFolder, basename(file));
  const opened: MachineConnection[] = [];
  try {
    const targets: Target[] = [];
    for (const machine of controlPlanes) {
      const connection = await remoteOf(input).connect(machine, signal);
      opened.push(connection);
      const say = (detail: string) => report(`${machine.name}: ${detail}`);
      targets.push({ machine, target: { machine: machine.name, connection, signal, clock, report: say } });
    }
    const everywhere = (action: (each: Target) => Promise<void>) => allOf(targets.map(action));
    await everywhere(async ({ machine, target }) => {
      target.report("Bring the data");
      await target.connection.exec(["rm", "-rf", "--", arrivalFolder], { signal });
      await target.connection.uploadFile(file, arrived, 0o600);
      await runCommands(restore.prepare(withAddress(machine), arrived), target);
    });
    await request.beforeStop();
    for (const phase of restore.phases) {
      const carryOut = ({ machine, target }: Target) => runCommands(phase.commands(withAddress(machine)), target);
      if (!phase.inTurn) await everywhere(carryOut);
      else for (const each of targets) await carryOut(each);
    }
  } finally {
    await Promise.all(opened.map((connection) => connection.close()));
  }
}

/** Waits for all, also where one fails: none is left at work behind an error. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

function withAddress({ name, role, pool, address }: RecordedMachine): BootstrapMachine {
  return { name, role, pool, address };
}
