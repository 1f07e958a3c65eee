// slipway upgrade

import type { Command } from "commander";
import { exitCodes, UserError } from "#shared";
import {
  applyPlan,
  createPlan,
  formatDuration,
  openJournal,
  readJournal,
  withoutOutsideNeeds,
  writeClusterConfig,
} from "#turnup";
import { forgetEarlierBundle, restoreBundle, useBundle } from "../bundle/use-bundle.ts";
import { addNameOption, type ExistingCluster, findCluster, withClusterLock } from "../cluster.ts";
import { readConfigFile } from "../cluster-options.ts";
import type { CliContext } from "../context.ts";
import { addDrainOptions } from "../node/drain-nodes.ts";
import { addProgressOptions, createRenderer, sayer } from "../progress.ts";
import { hasData } from "../store/save-snapshot.ts";
import { formatTable } from "../text/table.ts";
import { findPausePoint, type UpgradeStep } from "../upgrade/pause-point.ts";
import { chooseTarget, planState } from "../upgrade/plan-state.ts";
import { chooseAnew, parseWish, refusePlanFlags, type UpgradeFlags } from "../upgrade/upgrade-flags.ts";
import { forgetUpgrade, readUpgrade, type UpgradeState, writeUpgrade } from "../upgrade/upgrade-state.ts";
import { upgradeSteps, withVersion } from "../upgrade/upgrade-steps.ts";

export function define(command: Command, context: CliContext): void {
  addDrainOptions(addProgressOptions(addNameOption(command)))
    .argument("[version]", 'such as "1.36"; default: what --config says, or the newest the distribution has')
    .option("--config <file>", "take the version from this configuration file")
    .option("--bundle <file>", "take programs, packages and images from this file, and nothing from the network")
    .option("--plan", "show the steps, and do nothing")
    .option("--max-unavailable <count>", "how many workers of a pool at a time", "1")
    .option("--replace", "new machines take the workers' places; control planes are upgraded where they are")
    .option(
      "--surge <count>",
      "with --replace: how many new ones at a time beside the old; 0: the old ones go first",
      "1",
    )
    .option("--no-drain", "leave pods on nodes while these are upgraded")
    .option("--gate <command>", "a shell's command that must end well after each batch; KUBECONFIG is set")
    .option("--pause-after <what>", '"control-planes", a node or a version: stop there; the same command goes on')
    .option("--resume", "go on with the upgrade that is under way, and begin no other")
    .option("--undo", "give an upgrade up that has not changed a machine yet")
    .action((version: string | undefined, flags: UpgradeFlags, self: Command) => {
      const given = (flag: string) => self.getOptionValueSource(flag) === "cli";
      return upgrade(context, version, { flags, given });
    });
}

interface Request {
  readonly flags: UpgradeFlags;
  /** Whether a person has typed the flag. */
  given(flag: string): boolean;
}

interface UpgradeRun {
  readonly context: CliContext;
  readonly flags: UpgradeFlags;
}

async function upgrade(context: CliContext, version: string | undefined, request: Request): Promise<void> {
  const { flags } = request;
  const start = performance.now();
  const cluster = findCluster(context, flags.name);
  const say = sayer(context, flags);
  if (flags.plan)
    return context.out(describeUpgrade(cluster, await findState(cluster, version, request, context), context));
  await withClusterLock(cluster, "upgrade", async () => {
    if (flags.undo) return undo(cluster, context, say);
    const state = await takeBundle(cluster, await findState(cluster, version, request, context), {
      context,
      flags,
      say,
    });
    const steps = upgradeSteps(cluster, state, context);
    const pause = flags.pauseAfter === undefined ? undefined : findPausePoint(steps, flags.pauseAfter, state.paused);
    await writeUpgrade(cluster.paths, state);
    if (!hasData(cluster, context))
      say("slipway: the data is in an etcd of yours: save it there before this goes on\n");
    const end = pause === undefined ? steps.length : steps.findIndex(({ id }) => id === pause) + 1;
    await runSteps(cluster, steps.slice(0, end), { context, flags });
    if (pause !== undefined) await writeUpgrade(cluster.paths, { ...state, paused: [...(state.paused ?? []), pause] });
    if (end < steps.length) return say(`Paused. \`slipway upgrade --name ${cluster.name}\` goes on from here.\n`);
    await writeClusterConfig(cluster.paths, withVersion(cluster.config, state.target));
    await forgetEarlierBundle(cluster.paths);
    forgetUpgrade(cluster.paths);
    say(`Cluster ${cluster.name} runs ${state.target} after ${formatDuration(performance.now() - start)}.\n`);
  });
}

/** Throws a UserError where it is not enough for every version that is still to come; then the cluster keeps what it had. */
async function takeBundle(
  cluster: ExistingCluster,
  state: UpgradeState,
  { context, flags: { bundle: file }, say }: UpgradeRun & { readonly say: (text: string) => void },
): Promise<UpgradeState> {
  if (file === undefined) return state;
  const journal = readJournal(cluster.paths.upgradeJournal);
  const left = new Set(
    upgradeSteps(cluster, state, context)
      .filter(({ id, isHarmless }) => !isHarmless && journal.progressOf(id) !== "done")
      .map(({ id }) => id.split("/")[1]),
  );
  const versions = state.hops.map(({ version }) => version).filter((version) => left.has(version));
  const configs = versions.map((version) => withVersion(cluster.config, version));
  const { artifacts } = await useBundle(cluster, { file, configs, keepsEarlier: true }, context);
  say(`slipway: bundle ${file} is whole, and enough: ${artifacts.length} artifacts\n`);
  return { ...state, hasBundle: true };
}

/** The upgrade that is under way, with what the flags say otherwise; else the one that is wanted. */
async function findState(
  cluster: ExistingCluster,
  version: string | undefined,
  { flags, given }: Request,
  context: CliContext,
): Promise<UpgradeState> {
  const state = readUpgrade(cluster.paths);
  const { config } = flags;
  const wanted =
    version ?? (config === undefined ? undefined : readConfigFile(context, config).config.kubernetesVersion);
  if (state) {
    refuseOtherTarget(cluster, state, wanted);
    refusePlanFlags(cluster.name, given);
    return { ...state, choices: chooseAnew(state.choices, flags, given) };
  }
  if (!flags.resume) return planState(cluster, { version: wanted, ...parseWish(flags, given) }, context);
  throw new UserError(`Cannot go on: no upgrade of cluster ${cluster.name} is under way`, {
    hints: [`Begin one: slipway upgrade --name ${cluster.name}`],
    exitCode: exitCodes.notFound,
  });
}

/** Of our own distribution this program is the version: another one would bring what the plan does not know. */
function refuseOtherTarget(
  { name, config }: ExistingCluster,
  { target }: UpgradeState,
  version: string | undefined,
): void {
  const { type } = config.distribution;
  const plain = version?.replace(/^v/, "");
  const isNamed = plain === undefined || [".", "+"].some((end) => `${target}+`.startsWith(`${plain}${end}`));
  if (isNamed && (type !== "slipway" || chooseTarget(type, undefined) === target)) return;
  throw new UserError(
    `Cannot upgrade to ${version ?? chooseTarget(type, undefined)}: an upgrade to ${target} is under way`,
    {
      hints: [
        `Go on with that${isNamed ? ", with the slipway that began it" : ""}: slipway upgrade --name ${name}`,
        `Or give it up, where that is still possible: slipway upgrade --undo --name ${name}`,
      ],
      exitCode: exitCodes.conflict,
    },
  );
}

async function runSteps(
  cluster: ExistingCluster,
  steps: readonly UpgradeStep[],
  { context, flags }: UpgradeRun,
): Promise<void> {
  const journal = openJournal(cluster.paths.upgradeJournal);
  try {
    const left = steps.filter(({ id }) => journal.progressOf(id) !== "done");
    const onEvent = createRenderer(context, flags);
    await applyPlan(createPlan(cluster.name, withoutOutsideNeeds(left)), { journal, signal: context.signal, onEvent });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const goOn = `Mend what is wrong, then go on: slipway upgrade --name ${cluster.name}`;
    throw new UserError(error.message, { hints: [...error.hints, goOn], exitCode: error.exitCode, cause: error });
  } finally {
    journal.close();
  }
}

function describeUpgrade(cluster: ExistingCluster, state: UpgradeState, context: CliContext): string {
  const journal = readJournal(cluster.paths.upgradeJournal);
  const states = { none: "to do", half: "interrupted", done: "done" } as const;
  const steps = upgradeSteps(cluster, state, context);
  const rows = steps.map(({ id, title }) => [id.split("/")[1]!, title, states[journal.progressOf(id)]]);
  return `Cluster ${cluster.name}: from ${state.from} to ${state.target}\n\n${formatTable(["VERSION", "STEP", "STATE"], rows)}`;
}

/** Only for one whose machines are as they were. */
async function undo(cluster: ExistingCluster, context: CliContext, say: (text: string) => void): Promise<void> {
  const state = readUpgrade(cluster.paths);
  if (!state) return say(`No upgrade of cluster ${cluster.name} is under way: nothing to do.\n`);
  const journal = readJournal(cluster.paths.upgradeJournal);
  const changes = upgradeSteps(cluster, state, context).filter(
    ({ id, isHarmless }) => !isHarmless && journal.progressOf(id) !== "none",
  );
  if (changes.length > 0) {
    throw new UserError(`Cannot give the upgrade to ${state.target} up: machines were begun`, {
      hints: [
        `Begun: ${changes.map(({ title }) => title).join(", ")}.`,
        `Go on: slipway upgrade --name ${cluster.name}`,
        `Or go back to the data from before (in ${cluster.paths.snapshots}) with \`slipway store restore\` and the older program.`,
      ],
      exitCode: exitCodes.conflict,
    });
  }
  if (state.hasBundle) await restoreBundle(cluster.paths);
  forgetUpgrade(cluster.paths);
  say(`The upgrade to ${state.target} is given up; no machine was changed.\n`);
}
