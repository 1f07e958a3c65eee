// slipway addon add

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { parse } from "yaml";
import {
  type AddonConfig,
  type ClusterConfig,
  ConfigError,
  isUrl,
  parseAssignment,
  resolveAddonPaths,
  resolveConfig,
  setValue,
} from "#config";
import { describeError, exitCodes, UserError } from "#shared";
import { describeForFile, runAddons } from "../../addons/run-addons.ts";
import { checkValues } from "../../check-values.ts";
import { addNameOption, findCluster, withClusterLock } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../../progress.ts";

interface AddOptions extends ProgressOptions {
  readonly name?: string;
  readonly addonVersion?: string;
  readonly namespace?: string;
  readonly manifests?: string;
  readonly kustomize?: string;
  readonly chart?: string;
  readonly repo?: string;
  readonly values?: string;
  readonly set: readonly string[];
  readonly overwrite?: boolean;
}

export function define(command: Command, context: CliContext): void {
  const collect = (value: string, all: readonly string[]) => [...all, value];
  addProgressOptions(addNameOption(command))
    .argument("<addon>", "an add-on of the catalogue, or with a source a name of your own")
    .option("--addon-version <version>", "the version, of the catalogue's or of a chart (default: the newest known)")
    .option("--namespace <namespace>", "where its objects go that name no namespace")
    .option("--manifests <path>", "source: a YAML file, a folder of them, or the URL of one")
    .option("--kustomize <folder>", "source: a folder with a kustomization.yaml")
    .option("--chart <chart>", "source: a Helm chart's folder or archive, or its name in --repo")
    .option("--repo <url>", "the repository of --chart")
    .option("--values <file>", "a YAML file with settings, or a chart's values")
    .option("--set <path=value>", "one setting (may be given several times)", collect, [])
    .option("--overwrite", "overwrite fields that others have set differently, now and whenever they are")
    .action((addon: string, options: AddOptions) => add(context, addon, options));
}

async function add(context: CliContext, name: string, options: AddOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  if (cluster.config.addons.some((addon) => addon.name === name)) {
    throw new UserError(`Cannot add ${name}: cluster ${cluster.name} has it already`, {
      hints: [`Bring it to another version with \`slipway addon upgrade ${name}\`.`],
      exitCode: exitCodes.conflict,
    });
  }
  const addon = resolveAddonPaths(describeAddon(context, name, options), context.folder);
  const config = await withAddon(cluster.config, addon);
  await withClusterLock(cluster, "addon add", () =>
    runAddons(cluster, config, context, { onEvent: createRenderer(context, options), only: [name] }),
  );
  sayer(context, options)(describeForFile(addon));
}

/** The configuration with the add-on in it. Throws ConfigError for what is wrong with that. */
async function withAddon(config: ClusterConfig, addon: AddonConfig): Promise<ClusterConfig> {
  const checked = resolveConfig({ ...config, addons: [...config.addons, addon] }, `add-on ${addon.name}`);
  const problems = await checkValues(checked);
  if (problems.length > 0) throw new ConfigError(`add-on ${addon.name}`, problems);
  return checked;
}

function describeAddon(context: CliContext, name: string, options: AddOptions): AddonConfig {
  const { addonVersion: version, namespace, manifests, kustomize, chart, repo, overwrite } = options;
  const values = readValues(context, options);
  const hasValues = Object.keys(values).length > 0;
  const helm =
    chart === undefined
      ? undefined
      : {
          chart,
          ...(repo !== undefined && { repo }),
          ...(version !== undefined && { version }),
          ...(hasValues && { values }),
        };
  const isOwn = manifests !== undefined || kustomize !== undefined || helm !== undefined;
  return {
    name,
    ...(!helm && version !== undefined && { version }),
    ...(namespace !== undefined && { namespace }),
    ...(!helm && hasValues && { values }),
    ...(isOwn && {
      source: {
        ...(manifests !== undefined && {
          manifests: isUrl(manifests) ? manifests : resolve(context.folder, manifests),
        }),
        ...(kustomize !== undefined && { kustomize }),
        ...(helm && { helm }),
      },
    }),
    ...(overwrite && { conflicts: "overwrite" as const }),
  };
}

function readValues(context: CliContext, { values: file, set }: AddOptions): Readonly<Record<string, unknown>> {
  let values: Readonly<Record<string, unknown>> = file === undefined ? {} : readValuesFile(context, file);
  for (const text of set) {
    const assignment = parseAssignment(text);
    if (!assignment.path) throw usageError(`Cannot use --set: ${assignment.problem}`);
    values = putValue(values, assignment.path, assignment.value);
  }
  return values;
}

function putValue(
  values: Readonly<Record<string, unknown>>,
  path: readonly (string | number)[],
  value: unknown,
): Readonly<Record<string, unknown>> {
  // Below a field that takes anything, so that the configuration's own fields of that name do not count.
  const draft = setValue({ addons: [{ values }] }, ["addons", 0, "values", ...path], value);
  return (draft["addons"] as { values: Record<string, unknown> }[])[0]!.values;
}

function readValuesFile(context: CliContext, file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = parse(readFileSync(file === "-" ? 0 : resolve(context.folder, file), "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    throw new Error("it holds no mapping of fields");
  } catch (cause) {
    throw new UserError(`Cannot read ${file}: ${describeError(cause)}`, { exitCode: exitCodes.notFound, cause });
  }
}

function usageError(message: string): UserError {
  return new UserError(message, { exitCode: exitCodes.usage });
}
