// What an upgrade is to do, from what the cluster itself says it runs. What cannot be done is refused here, before anything happens.

import { withClusterClient } from "#addons";
import { chooseVersion, isManagedInfrastructure, knownVersions } from "#config";
import { type Node, resources } from "#kubernetes/api";
import { exitCodes, UserError } from "#shared";
import {
  compareVersions,
  machinesFile,
  planUpgrade,
  readLeaving,
  readMachines,
  type UpgradeNode,
  wantedMachines,
} from "#turnup";
import { type ExistingCluster, planInput } from "../cluster.ts";
import { kubeconfigOf } from "../cluster-files.ts";
import type { CliContext } from "../context.ts";
import { nodeVersion } from "../node-version.ts";
import { refuseReplacement } from "./refuse-replacement.ts";
import type { UpgradeChoices, UpgradeState } from "./upgrade-state.ts";

export interface UpgradeWish {
  /** As typed; absent: the newest there is. */
  readonly version?: string | undefined;
  readonly maxUnavailable: number;
  /** Workers are replaced, so many at a time. */
  readonly surge?: number;
  readonly choices: UpgradeChoices;
}

export async function planState(
  cluster: ExistingCluster,
  { version, maxUnavailable, surge, choices }: UpgradeWish,
  context: CliContext,
): Promise<UpgradeState> {
  const { type } = cluster.config.distribution;
  refuseOtherClusters(cluster, context);
  await refuseClosedMachines(cluster, surge !== undefined);
  const target = chooseTarget(type, version);
  const { nodes, cordoned } = await readNodes(cluster, context);
  const current = nodes
    .filter(({ role }) => role === "control-plane")
    .map((node) => node.version)
    .toSorted(compareVersions)[0]!;
  if (type === "slipway") refuseOlderProgram(nodes, target);
  const replaced = surge !== undefined && { surge };
  const hops = planUpgrade({ current, target, versions: knownVersions[type], nodes, maxUnavailable, ...replaced });
  if (surge !== undefined) refuseReplacement(cluster, hops, { context, surge });
  const machines = nodes.map(({ name }) => name);
  return { from: current, target, started: new Date().toISOString(), hops, machines, cordoned, choices, ...replaced };
}

/** Of our own distribution there is one release: this program's. */
export function chooseTarget(type: keyof typeof knownVersions, version: string | undefined): string {
  const chosen = chooseVersion(type, version);
  if (chosen.version === undefined) {
    throw new UserError(`Cannot upgrade to ${version}: it ${chosen.problem}`, { exitCode: exitCodes.config });
  }
  const own = nodeVersion.replace(/^v/, "");
  if (type !== "slipway") return chosen.version;
  if (own.split("+")[0] === chosen.version) return own;
  throw new UserError(`Cannot upgrade to ${version}: this slipway brings ${own}`, {
    hints: ["Another slipway brings another version."],
    exitCode: exitCodes.config,
  });
}

function refuseOtherClusters(cluster: ExistingCluster, context: CliContext): void {
  const { name, config, paths } = cluster;
  const refuse = (why: string, hint: string) =>
    new UserError(`Cannot upgrade cluster ${name}: ${why}`, { hints: [hint], exitCode: exitCodes.config });
  const { infrastructure } = config;
  if (isManagedInfrastructure(infrastructure)) {
    const folder = `${paths.folder}/infrastructure`;
    throw refuse(
      `its control plane is one that ${infrastructure.provider} runs and upgrades`,
      `Upgrade it there, control plane before nodes; its files for OpenTofu are in ${folder}.`,
    );
  }
  if (wantedMachines(planInput(cluster, config, context)).length === 0) {
    throw refuse("its nodes are simulated", "`slipway stop` and `slipway start` run it with this program's version.");
  }
  const leaving = readLeaving(paths);
  if (leaving.length > 0) {
    throw refuse(
      `${leaving.join(", ")} ${leaving.length === 1 ? "is" : "are"} on the way out`,
      `Finish that first: slipway up --name ${name}`,
    );
  }
}

/** As the cluster itself says it. */
async function readNodes(cluster: ExistingCluster, context: CliContext) {
  const { signal } = context;
  const machines = wantedMachines(planInput(cluster, cluster.config, context));
  const { items } = await withClusterClient(kubeconfigOf(cluster), (client) =>
    client.list(resources.nodes, { signal }),
  );
  const known = new Map(items.map((node) => [node.metadata.name!, node]));
  const nodes = machines.map(({ name, role, pool }): UpgradeNode => {
    const version = versionOf(known.get(name));
    if (version) return { name, role, pool, version };
    throw new UserError(`Cannot upgrade cluster ${cluster.name}: node ${name} is not there`, {
      hints: [`Mend the cluster first: slipway up --name ${cluster.name}`],
    });
  });
  const cordoned = nodes.map(({ name }) => name).filter((name) => known.get(name)?.spec?.unschedulable);
  return { nodes, cordoned };
}

function versionOf(node: Node | undefined): string | undefined {
  return node?.status?.nodeInfo?.kubeletVersion?.replace(/^v/, "");
}

/** An older program may not know what a newer one has written. */
function refuseOlderProgram(nodes: readonly UpgradeNode[], target: string): void {
  const programOf = (version: string) => /\+slipway\.(\d+\.\d+\.\d+)/.exec(version)?.[1];
  const own = programOf(target);
  const newer = nodes.filter(({ version }) => {
    const other = programOf(version);
    return own !== undefined && other !== undefined && compareVersions(other, own) > 0;
  });
  if (newer.length === 0) return;
  throw new UserError(`Cannot upgrade to ${target}: ${newer[0]!.name} runs ${newer[0]!.version}, which is newer`, {
    hints: newer.slice(1).map(({ name, version }) => `${name} runs ${version}, too`),
    exitCode: exitCodes.config,
  });
}

/** A machine that nobody gets onto stays as it was made: only another one can take its place. */
async function refuseClosedMachines({ name, paths }: ExistingCluster, replacesWorkers: boolean): Promise<void> {
  const closed = (await readMachines(machinesFile(paths.folder))).filter(
    ({ access, role }) => access.kind === "none" && !(replacesWorkers && role === "worker"),
  );
  if (closed.length === 0) return;
  const canReplace = closed.every(({ role }) => role === "worker");
  throw new UserError(`Cannot upgrade cluster ${name}: nobody gets onto ${closed.map((one) => one.name).join(", ")}`, {
    hints: [
      canReplace
        ? "New machines may take the workers' places: slipway upgrade --replace"
        : "Control planes are upgraded over SSH: let somebody in.",
    ],
    exitCode: exitCodes.config,
  });
}
