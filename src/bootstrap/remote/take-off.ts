// Takes a distribution off a machine that stays: what its report says was put there, and what the distribution knows of besides.

import { dirname } from "node:path";
import { anyCode, describeError } from "#shared";
import type { MachineDescription } from "../machine-description.ts";
import { bootstrapFolder } from "../report.ts";
import type { RemoteTarget } from "./carry-out.ts";
import { readMachineReport } from "./machine-report.ts";
import { unitPath } from "./systemd-unit.ts";

/**
 * Stops the units, runs the removal's commands, deletes files and programs. Packages stay: they are the machine's own. A command of the
 * removal that fails is told and stops nothing; fine where nothing is there.
 */
export async function takeOff(removal: MachineDescription, target: Omit<RemoteTarget, "artifacts">): Promise<void> {
  const { connection, signal, report = () => {} } = target;
  const { items = {}, touched = [] } = (await readMachineReport(connection)) ?? {};
  const all = [...new Set([...Object.keys(items), ...touched])];
  for (const { path, content, mode } of removal.files) await connection.writeFile(path, content, mode);
  const named = (kind: string) =>
    all.flatMap((item) => (item.startsWith(`${kind} `) ? [item.slice(kind.length + 1)] : []));
  const units = [...new Set([...named("unit"), ...removal.units.map(({ name }) => name)])].toReversed();
  if (units.length > 0) {
    report("stopping what runs");
    await connection.exec(["systemctl", "disable", "--now", "--quiet", ...units], { signal, okCodes: anyCode });
  }
  for (const { argv, title = argv.join(" ") } of removal.commands) {
    report(title);
    await connection.exec(argv, { signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      report(`${title}: ${describeError(error)}`);
    });
  }
  const paths = [...units.map(unitPath), ...named("file"), ...named("artifact"), bootstrapFolder];
  await connection.exec(["rm", "-rf", "--", ...paths], { signal });
  // Where nothing else of ours lies beside it, its folder goes as well.
  await connection.exec(["rmdir", "--", dirname(bootstrapFolder)], { signal, okCodes: anyCode });
  if (units.length > 0) await connection.exec(["systemctl", "daemon-reload"], { signal, okCodes: anyCode });
}
