// A machine's connection, by the way one gets onto it.

import { thisHost } from "./host/host.ts";
import { connectLocalMachine } from "./local/connection.ts";
import type { Machine, MachineConnection } from "./provider.ts";
import { connectSshMachine } from "./ssh/connection.ts";

/** Opens a connection; whoever opens it closes it. Throws a UserError where nobody answers, or lets us in. */
export async function connectMachine(machine: Machine, signal: AbortSignal): Promise<MachineConnection> {
  signal.throwIfAborted();
  switch (machine.access.kind) {
    case "local":
      return connectLocalMachine(thisHost, machine);
    case "ssh":
      return connectSshMachine(machine, machine.access, signal);
    default:
      throw new Error(`Cannot connect to machine ${machine.name}: no way there is known (${machine.access.kind})`);
  }
}
