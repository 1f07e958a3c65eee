// Runs commands on a machine that is set up already, one after the other.

import { systemClock } from "#shared";
import type { CommandSpec } from "../machine-description.ts";
import type { RemoteTarget } from "./carry-out.ts";
import { TaskRunner } from "./task-runner.ts";

/** Throws a UserError that names machine, command, exit code and the end of what was written. */
export async function runCommands(
  commands: readonly CommandSpec[],
  { clock = systemClock, report = () => {}, ...target }: Omit<RemoteTarget, "artifacts">,
): Promise<void> {
  const runner = new TaskRunner({ ...target, clock, report, mask: (text) => text });
  for (const { argv, title = argv.join(" ") } of commands) await runner.command(title, argv);
}
