// What became of a machine's bootstrap, and what its units say: over a connection, or as it was last seen.

import { type MachineReport, readMachineReport, reportPath } from "#bootstrap";
import { exitCodes, readFileIfExists, UserError } from "#shared";
import { machinesFile, type RemoteMeans, readMachines, reportFile } from "#turnup";
import type { ExistingCluster } from "../cluster.ts";
import { formatTable } from "../text/table.ts";

export interface MachineView {
  readonly report?: MachineReport;
  /** The end of what its units wrote. */
  readonly journal?: string;
  /** Why the machine itself was not asked. */
  readonly problem?: string;
}

export async function viewMachine(
  { paths, name: cluster }: ExistingCluster,
  remote: RemoteMeans,
  options: { readonly machine: string; readonly lines: number; readonly signal: AbortSignal },
): Promise<MachineView> {
  const machines = await readMachines(machinesFile(paths.folder));
  const machine = machines.find(({ name }) => name === options.machine);
  if (!machine) {
    throw new UserError(`Cannot show machine ${options.machine}: cluster ${cluster} has no such machine`, {
      hints: [`There are: ${machines.map(({ name }) => name).join(", ") || "none"}.`],
      exitCode: exitCodes.notFound,
    });
  }
  if (machine.access.kind === "none") {
    return { problem: `nobody gets onto ${machine.name}: what it did stands there, in ${reportPath}` };
  }
  try {
    const connection = await remote.connect(machine, options.signal);
    try {
      const report = await readMachineReport(connection);
      const units = ["-u", "slipway-*", "-u", "kubelet", "-u", "k3s*", "-u", "containerd"];
      const count = options.lines < 0 ? "all" : String(options.lines);
      const journal = await connection.exec(["journalctl", ...units, "-n", count, "--no-pager", "-o", "short-iso"], {
        signal: options.signal,
        okCodes: [0, 1],
      });
      return { ...(report && { report }), journal: journal.stdout };
    } finally {
      await connection.close();
    }
  } catch (error) {
    options.signal.throwIfAborted();
    const report = await readReportCopy(paths.folder, machine.name);
    return { ...(report && { report }), problem: (error as Error).message };
  }
}

/** As it was when it was last set up from here. */
export async function readReportCopy(folder: string, machine: string): Promise<MachineReport | undefined> {
  const text = await readFileIfExists(reportFile(folder, machine));
  return text === undefined ? undefined : (JSON.parse(text) as MachineReport);
}

/** A table of what was done; the words of what failed. */
export function formatReport({ state, startedAt, commands, problem }: MachineReport): string {
  const rows = commands.map(({ title, exitCode, ms, skipped }) => {
    return [title, skipped ? "was done" : exitCode === 0 ? "ok" : `exit code ${exitCode}`, skipped ? "" : `${ms} ms`];
  });
  const failed = commands.find(({ exitCode }) => exitCode !== 0);
  return [
    `Set up at ${startedAt}: ${state}\n`,
    formatTable(["TASK", "RESULT", "TIME"], rows),
    ...(failed ? [`${failed.output.trimEnd()}\n`] : []),
    ...(problem === undefined ? [] : [`${problem}\n`]),
  ].join("\n");
}
