// slipway logs

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { didYouMean } from "#config";
import { exitCodes, UserError } from "#shared";
import { addNameOption, type ExistingCluster, findCluster, planInput } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { followFile, readLastLines } from "../log-files.ts";
import { formatReport, viewMachine } from "../remote/machine-report.ts";

interface LogsOptions {
  readonly name?: string;
  readonly follow?: boolean;
  readonly tail: string;
  readonly machine?: string;
}

export function define(command: Command, context: CliContext): void {
  addNameOption(command)
    .argument("[process...]", "such as control-plane, agent-worker-1 (default: all)")
    .option("-f, --follow", "go on as more is written")
    .option("--machine <name>", "a machine that is elsewhere: how it was set up, and what its units write")
    .option("--tail <lines>", "how many of the last lines of each; -1 for all", "100")
    .action((processes: string[], options: LogsOptions) => logs(context, processes, options));
}

async function logs(context: CliContext, processes: readonly string[], options: LogsOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  refuseMixture(processes, options);
  if (options.machine !== undefined) return machineLogs(context, cluster, { ...options, machine: options.machine });
  const { paths, name } = cluster;
  const known = listLogs(paths.logs);
  for (const process of processes) {
    if (known.includes(process)) continue;
    const guess = didYouMean(process, known);
    throw new UserError(`Cannot show the log of ${process}: cluster ${name} has no such process`, {
      hints: [guess ? `Did you mean ${guess}?` : `There are: ${known.join(", ")}.`],
      exitCode: exitCodes.notFound,
    });
  }
  const tail = parseTail(options.tail);
  const chosen = processes.length > 0 ? processes : known;
  const print = (process: string) => (lines: readonly string[]) => {
    const prefix = chosen.length > 1 ? `${process}: ` : "";
    for (const line of lines) context.out(`${prefix}${line}\n`);
  };
  for (const process of chosen) print(process)(readLastLines(join(paths.logs, `${process}.log`), tail));
  if (!options.follow) return;
  await Promise.all(
    chosen.map((process) => followFile(join(paths.logs, `${process}.log`), print(process), context.signal)),
  );
}

/** A machine is shown once, and whole. */
function refuseMixture(processes: readonly string[], { machine, follow }: LogsOptions): void {
  if (machine === undefined || (processes.length === 0 && !follow)) return;
  const other = follow ? "--follow" : processes.join(" ");
  throw new UserError(`Cannot use --machine with ${other}: it shows all of the machine's units, and ends`, {
    exitCode: exitCodes.usage,
  });
}

async function machineLogs(
  context: CliContext,
  cluster: ExistingCluster,
  { machine, tail }: LogsOptions & { readonly machine: string },
): Promise<void> {
  const { remote } = planInput(cluster, cluster.config, context);
  if (!remote) {
    throw new UserError(`Cannot show machine ${machine}: the machines of cluster ${cluster.name} are on this one`, {
      hints: [`Show the log of a process: slipway logs --name ${cluster.name}`],
      exitCode: exitCodes.usage,
    });
  }
  const view = await viewMachine(cluster, remote, { machine, lines: parseTail(tail), signal: context.signal });
  if (view.problem !== undefined && !view.report) context.err(`slipway: ${view.problem}\n`);
  else if (view.problem !== undefined) context.err(`slipway: ${view.problem}; this is how it was last set up\n`);
  if (view.report) context.out(formatReport(view.report));
  else if (view.problem === undefined) context.out(`${machine} was never set up.\n`);
  if (view.journal) context.out(`\n${view.journal}`);
}

function parseTail(text: string): number {
  if (/^(-1|\d+)$/.test(text)) return Number(text);
  throw new UserError(`Cannot use --tail ${text}: it must be a whole number, or -1 for all lines`, {
    exitCode: exitCodes.usage,
  });
}

function listLogs(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".log"));
  return files.map((name) => name.slice(0, -".log".length)).toSorted();
}
