// slipway upgrade

import type { Command } from "commander";
import { withClusterClient } from "#addons";
import { chooseVersion, knownVersions } from "#config";
import { resources } from "#kubernetes/api";
import { exitCodes, UserError } from "#shared";
import {
  applyPlan,
  createPlan,
  formatDuration,
  openJournal,
  planUpgrade,
  readJournal,
  type Step,
  type UpgradeNode,
  wantedMachines,
  withoutOutsideNeeds,
  writeClusterConfig,
} from "#turnup";
import { addNameOption, type ExistingCluster, findCluster, planInput, withClusterLock } from "../cluster.ts";
import { readConfigFile } from "../cluster-options.ts";
import type { CliContext } from "../context.ts";
import { addDrainOptions, type DrainFlags, drainTimeoutMs } from "../node/drain-nodes.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../progress.ts";
import { formatTable } from "../table.ts";
import { forgetUpgrade, readUpgrade, type UpgradeState, writeUpgrade } from "../upgrade/upgrade-state.ts";
import { upgradeSteps, withVersion } from "../upgrade/upgrade-steps.ts";

interface UpgradeFlags extends ProgressOptions, DrainFlags {
  readonly name?: string;
  readonly config?: string;
  readonly plan?: boolean;
  readonly undo?: boolean;
  readonly drain: boolean;
  readonly maxUnavailable: string;
  readonly pauseAfter?: string;
  readonly gate?: string;
}

export function define(command: Command, context: CliContext): void {
  addDrainOptions(addProgressOptions(addNameOption(command)))
    .argument("[version]", 'such as "1.36"; default: what --config says, or the newest the distribution has')
    .option("--config <file>", "take the version from this configuration file")
    .option("--plan", "show the steps, and do nothing")
    .option("--max-unavailable <count>", "how many workers of a pool at a time", "1")
    .option("--no-drain", "leave pods on workers while these are upgraded")
    .option("--gate <command>", "a program and its arguments that must end well after each batch; KUBECONFIG is set")
    .option("--pause-after <what>", '"control-planes", or a node: stop there; the same command goes on')
    .option("--undo", "give an upgrade up that has not changed a machine yet")
    .action((version: string | undefined, flags: UpgradeFlags) => upgrade(context, version, flags));
}

async function upgrade(context: CliContext, version: string | undefined, flags: UpgradeFlags): Promise<void> {
  const start = performance.now();
  const cluster = findCluster(context, flags.name);
  const say = sayer(context, flags);
  if (flags.undo) return undo(cluster, say);
  const underWay = readUpgrade(cluster.paths);
  const state = underWay ?? (await planState(cluster, wantedVersion(context, version, flags), { context, flags }));
  if (underWay && version !== undefined && !underWay.target.startsWith(version.replace(/^v/, ""))) {
    throw new UserError(`Cannot upgrade to ${version}: an upgrade to ${underWay.target} is under way`, {
      hints: [`Go on with that: slipway upgrade --name ${cluster.name}`],
      exitCode: exitCodes.conflict,
    });
  }
  const steps = stepsOf(cluster, state, { context, flags });
  if (flags.plan) return context.out(describeSteps(cluster, state, steps));
  await withClusterLock(cluster, "upgrade", async () => {
    await writeUpgrade(cluster.paths, state);
    const now = upTo(steps, flags.pauseAfter);
    await runSteps(cluster, now, { context, flags });
    if (now.length < steps.length)
      return say(`Paused. \`slipway upgrade --name ${cluster.name}\` goes on from here.\n`);
    await writeClusterConfig(cluster.paths, withVersion(cluster.config, state.target));
    forgetUpgrade(cluster.paths);
    say(`Cluster ${cluster.name} runs ${state.target} after ${formatDuration(performance.now() - start)}.\n`);
  });
}

function wantedVersion(context: CliContext, version: string | undefined, { config }: UpgradeFlags): string | undefined {
  return version ?? (config === undefined ? undefined : readConfigFile(context, config).config.kubernetesVersion);
}

async function planState(
  cluster: ExistingCluster,
  version: string | undefined,
  { context, flags }: { context: CliContext; flags: UpgradeFlags },
): Promise<UpgradeState> {
  const { type } = cluster.config.distribution;
  const chosen = chooseVersion(type, version);
  if (chosen.version === undefined) {
    throw new UserError(`Cannot upgrade to ${version}: it ${chosen.problem}`, { exitCode: exitCodes.config });
  }
  const target = chosen.version;
  const { current, nodes } = await readVersions(cluster, context);
  const maxUnavailable = Number(flags.maxUnavailable);
  if (!Number.isInteger(maxUnavailable) || maxUnavailable < 1) {
    throw new UserError(`Cannot use --max-unavailable ${flags.maxUnavailable}: it must be a whole number above 0`, {
      exitCode: exitCodes.usage,
    });
  }
  const hops = planUpgrade({ current, target, versions: knownVersions[type], nodes, maxUnavailable });
  return { from: current, target, started: new Date().toISOString(), hops };
}

/** As the cluster itself says it. */
async function readVersions(cluster: ExistingCluster, context: CliContext) {
  const machines = wantedMachines(planInput(cluster, cluster.config, context));
  if (machines.length === 0) {
    throw new UserError(`Cannot upgrade cluster ${cluster.name}: its nodes are simulated`, {
      hints: ["`slipway stop` and `slipway start` run it with this program's version."],
      exitCode: exitCodes.config,
    });
  }
  const { items } = await withClusterClient(cluster.paths.kubeconfig, (client) => client.list(resources.nodes));
  const versions = new Map(
    items.map(({ metadata, status }) => [metadata.name, status?.nodeInfo?.kubeletVersion ?? ""]),
  );
  const nodes = machines.map(({ name, role, pool }): UpgradeNode => {
    const version = versions.get(name)?.replace(/^v/, "");
    if (version) return { name, role, pool, version };
    throw new UserError(`Cannot upgrade cluster ${cluster.name}: node ${name} is not there`, {
      hints: [`Mend the cluster first: slipway up --name ${cluster.name}`],
    });
  });
  const current = nodes.find(({ role }) => role === "control-plane")!.version;
  return { current, nodes };
}

function stepsOf(cluster: ExistingCluster, { hops }: UpgradeState, { context, flags }: RunMeans): Step[] {
  const timeoutMs = drainTimeoutMs(flags);
  const options = {
    context,
    drain: flags.drain,
    ...(timeoutMs !== undefined && { drainTimeoutMs: timeoutMs }),
    ...(flags.gate !== undefined && { gate: flags.gate.split(" ").filter((word) => word !== "") }),
  };
  const groups = hops.map((hop) => upgradeSteps(cluster, hop, options));
  return groups.flatMap((steps, index) => {
    const before = index === 0 ? [] : [groups[index - 1]!.at(-1)!.id];
    return steps.map((step) => (step.needs.length === 0 ? { ...step, needs: before } : step));
  });
}

/** Up to the step, and the look that follows it. Throws UserError where there is no such step. */
function upTo(steps: readonly Step[], pause: string | undefined): readonly Step[] {
  if (pause === undefined) return steps;
  const firstWorker = steps.findIndex(({ id }) => id.endsWith("/gate-1"));
  const at =
    pause === "control-planes"
      ? steps.slice(0, firstWorker).findLastIndex(({ phase }) => phase === "verify")
      : steps.findIndex(
          ({ phase }, index) => phase === "verify" && index > steps.findIndex(({ id }) => id.endsWith(`/${pause}`)),
        );
  if (at >= 0 && (pause === "control-planes" || steps.some(({ id }) => id.endsWith(`/${pause}`)))) {
    return steps.slice(0, at + 1);
  }
  throw new UserError(`Cannot pause after ${pause}: that is no node, and not "control-planes"`, {
    exitCode: exitCodes.usage,
  });
}

interface RunMeans {
  readonly context: CliContext;
  readonly flags: UpgradeFlags;
}

async function runSteps(cluster: ExistingCluster, steps: readonly Step[], { context, flags }: RunMeans): Promise<void> {
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

function describeSteps(cluster: ExistingCluster, state: UpgradeState, steps: readonly Step[]): string {
  const journal = readJournal(cluster.paths.upgradeJournal);
  const states = { none: "to do", half: "interrupted", done: "done" } as const;
  const rows = steps.map(({ id, title }) => [id.split("/")[1]!, title, states[journal.progressOf(id)]]);
  return `Cluster ${cluster.name}: from ${state.from} to ${state.target}\n\n${formatTable(["VERSION", "STEP", "STATE"], rows)}`;
}

async function undo(cluster: ExistingCluster, say: (text: string) => void): Promise<void> {
  const state = readUpgrade(cluster.paths);
  if (!state) return say(`No upgrade of cluster ${cluster.name} is under way: nothing to do.\n`);
  await withClusterLock(cluster, "upgrade", async () => {
    const journal = readJournal(cluster.paths.upgradeJournal);
    const touched = journal.begunSteps().filter((id) => !id.includes("/snapshot") && !id.includes("/gate-"));
    if (touched.length > 0) {
      throw new UserError(`Cannot give the upgrade to ${state.target} up: ${touched.length} machines were begun`, {
        hints: [
          ...touched.map((id) => id.split("/")[2]!),
          `Go on: slipway upgrade --name ${cluster.name}`,
          `Or go back to the data from before (in ${cluster.paths.snapshots}) with \`slipway store restore\` and the older program.`,
        ],
        exitCode: exitCodes.conflict,
      });
    }
    forgetUpgrade(cluster.paths);
    say(`The upgrade to ${state.target} is given up; no machine was changed.\n`);
  });
}
