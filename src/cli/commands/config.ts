// slipway config

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import {
  type ConfigDraft,
  ConfigError,
  type ConfigProblem,
  parseAssignment,
  readConfig,
  resolveConfig,
  setValue,
  writeConfig,
} from "#config";
import { exitCodes, UserError, writeFileAtomic } from "#shared";
import { checkValues } from "../check-values.ts";
import type { CliContext } from "../context.ts";
import { runWizard } from "../wizard/run-wizard.ts";

interface ConfigCommandOptions {
  readonly set: readonly string[];
  readonly output?: string;
  readonly force?: boolean;
}

export function define(command: Command, context: CliContext): void {
  const gather = (value: string, before: readonly string[]) => [...before, value];
  command
    .option(
      "--set <path=value>",
      "set a field and ask nothing, such as workers[0].count=3; may be repeated",
      gather,
      [],
    )
    .option(
      "-o, --output <file>",
      'where to write; "-" is standard output (default: slipway.yaml, with --set standard output)',
    )
    .option("--force", "overwrite the file where there is one")
    .action((options: ConfigCommandOptions) => config(context, options));
}

async function config(context: CliContext, options: ConfigCommandOptions): Promise<void> {
  const isAsked = options.set.length === 0;
  const output = options.output ?? (isAsked ? "slipway.yaml" : "-");
  refuseToOverwrite(context, output, options);
  const draft = isAsked ? await askForDraft(context, output) : draftFrom(options.set);
  const text = await write(draft, isAsked ? "the answers" : "--set");
  if (output === "-") {
    context.out(text);
    return;
  }
  await writeFileAtomic(resolve(context.folder, output), text);
  context.err(`Wrote ${output}. Next:\n  slipway plan --config ${output}\n  slipway up --config ${output}\n`);
}

function refuseToOverwrite({ folder }: CliContext, output: string, { force }: ConfigCommandOptions): void {
  if (output === "-" || force || !existsSync(resolve(folder, output))) return;
  throw new UserError(`Cannot write ${output}: it is there already`, {
    hints: ["Overwrite it with --force, or choose another file with --output."],
    exitCode: exitCodes.conflict,
  });
}

async function askForDraft(context: CliContext, output: string): Promise<ConfigDraft> {
  if (context.openKeyboard) return await runWizard(context, context.openKeyboard(), output);
  throw new UserError("Cannot ask what the configuration shall be: this is no terminal", {
    hints: [
      "Say it with --set: slipway config --set name=demo --set workers[0].count=3 --output slipway.yaml",
      "The fields there are: slipway config explain",
    ],
    exitCode: exitCodes.usage,
  });
}

/** Throws ConfigError with everything that is no assignment. */
function draftFrom(texts: readonly string[]): ConfigDraft {
  const problems: ConfigProblem[] = [];
  let draft: ConfigDraft = {};
  for (const assignment of texts.map(parseAssignment)) {
    if (assignment.path) draft = setValue(draft, assignment.path, assignment.value);
    else problems.push({ path: [], message: assignment.problem });
  }
  if (problems.length > 0) throw new ConfigError("--set", problems);
  return draft;
}

/** The file's text, which was read back and found good. Throws ConfigError; `source` is how its message calls what was wanted. */
async function write(draft: ConfigDraft, source: string): Promise<string> {
  const problems = await checkValues(resolveConfig(draft, source));
  if (problems.length > 0) throw new ConfigError(source, problems);
  const text = writeConfig(draft);
  readConfig(text, source);
  return text;
}
