// slipway config check

import type { Command } from "commander";
import { type ClusterConfig, ConfigError, type ConfigProblem, formatPath } from "#config";
import { exitCodes } from "#shared";
import { checkValues } from "../check-values.ts";
import { nameSource, readConfigFile } from "../cluster-options.ts";
import type { CliContext } from "../context.ts";
import { ExitError } from "../exit-error.ts";

interface CheckOptions {
  readonly json?: boolean;
}

export function define(command: Command, context: CliContext): void {
  command
    .argument("<file>", 'configuration file, of slipway or of kind; "-" is standard input')
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      "\nExit code 0 where the file can be used, 3 where something is wrong with it, 4 where it cannot be read.",
    )
    .action((file: string, options: CheckOptions) => check(context, file, options));
}

async function check(context: CliContext, file: string, options: CheckOptions): Promise<void> {
  const source = nameSource(file);
  try {
    const { config, notices, locate } = readConfigFile(context, file);
    const problems = await checkValues(config);
    if (problems.length > 0) throw new ConfigError(source, problems.map(locate));
    if (options.json) return context.out(formatJson([], notices));
    for (const notice of notices) context.err(`slipway: ${notice}\n`);
    context.out(`${source} can be used: ${summarize(config)}\n`);
  } catch (error) {
    if (!options.json || !(error instanceof ConfigError)) throw error;
    context.out(formatJson(error.problems, []));
    throw new ExitError(exitCodes.config);
  }
}

function formatJson(problems: readonly ConfigProblem[], notices: readonly string[]): string {
  const listed = problems.map(({ path, line, message }) => ({ path: formatPath(path), line, message }));
  return `${JSON.stringify({ valid: problems.length === 0, problems: listed, notices }, null, 2)}\n`;
}

function summarize({ name, distribution, infrastructure, controlPlane, workers }: ClusterConfig): string {
  const count = workers.reduce((sum, pool) => sum + pool.count, 0);
  const nodes = `${controlPlane.replicas} control plane${controlPlane.replicas === 1 ? "" : "s"}, ${count} worker${count === 1 ? "" : "s"}`;
  return `cluster ${name}, ${distribution.type} on ${infrastructure.provider}, ${nodes}`;
}
