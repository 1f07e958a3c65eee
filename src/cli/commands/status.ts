// slipway status

import type { Command } from "commander";
import { isNodeReady, withClusterClient } from "#addons";
import { supervisorStatus, type UnitStatus } from "#bootstrap";
import { type ClusterConfig, chooseVersion, isManagedInfrastructure } from "#config";
import { resources } from "#kubernetes/api";
import { describeError, exitCodes } from "#shared";
import { formatDuration, machinesFile, readMachines, wantedNodes } from "#turnup";
import { findCertificatesHere, warnAboutExpiry } from "../certs/find-certificates.ts";
import { isRenewable } from "../certs/refuse-certificates.ts";
import { addNameOption, type ExistingCluster, findCluster, isElsewhere, planInput } from "../cluster.ts";
import { kubeconfigOf } from "../cluster-files.ts";
import type { CliContext } from "../context.ts";
import { ExitError } from "../exit-error.ts";
import { readReportCopy } from "../remote/machine-report.ts";
import { formatTable } from "../text/table.ts";
import { describeProgress, findUpgrade, type UpgradeProgress } from "../upgrade/upgrade-progress.ts";

interface StatusOptions {
  readonly name?: string;
  readonly json?: boolean;
}

interface NodeReport {
  readonly name: string;
  readonly status: "Ready" | "NotReady" | "missing";
  readonly version: string;
  readonly address: string;
}

interface MachineStatus {
  readonly name: string;
  readonly address: string;
  readonly duty: string;
  readonly setUp: string;
}

interface Status {
  readonly cluster: string;
  readonly state: "running" | "stopped" | "degraded";
  readonly kubernetes: string;
  /** The supervisor's pid; absent where none runs. */
  readonly supervisor?: number;
  readonly processes: readonly UnitStatus[];
  /** Of machines that are elsewhere: how each was last set up. */
  readonly machines?: readonly MachineStatus[];
  readonly nodes: readonly NodeReport[];
  /** Why the nodes are not known. */
  readonly problem?: string;
  /** The one that is under way. */
  readonly upgrade?: UpgradeProgress;
  /** What certificate is soon over. */
  readonly warning?: string;
  readonly files: Readonly<Record<string, string>>;
}

export function define(command: Command, context: CliContext): void {
  addNameOption(command)
    .option("--json", "as JSON")
    .action((options: StatusOptions) => status(context, options));
}

/** Exits with 1 where a part of the cluster is not as it should be, so that scripts can ask. */
async function status(context: CliContext, options: StatusOptions): Promise<void> {
  const found = await inspect(findCluster(context, options.name), context);
  context.out(options.json ? `${JSON.stringify(found, null, 2)}\n` : describe(found));
  if (found.state !== "running") throw new ExitError(exitCodes.failed);
}

async function inspect(cluster: ExistingCluster, context: CliContext): Promise<Status> {
  const { paths, config } = cluster;
  const supervisor = await supervisorStatus(paths.folder);
  const input = planInput(cluster, config, context);
  const elsewhere = isElsewhere(input);
  const certificates = await findCertificatesHere(cluster, context);
  const warning = warnAboutExpiry(cluster.name, certificates, { isRenewable: isRenewable(input) });
  const processes = supervisor?.units ?? [];
  const upgrade = findUpgrade(cluster, context);
  const common = {
    cluster: cluster.name,
    kubernetes: describeVersion(config),
    ...(supervisor && { supervisor: supervisor.pid }),
    processes,
    ...(upgrade && { upgrade }),
    ...(warning !== undefined && { warning }),
    files: { folder: paths.folder, kubeconfig: paths.kubeconfig, logs: paths.logs },
  };
  const remote = input.remote && { machines: await listMachines(cluster) };
  if (!supervisor && !elsewhere) return { ...common, state: "stopped", nodes: [] };
  const wanted = wantedNodes(input);
  try {
    const nodes = await withClusterClient(kubeconfigOf(cluster), (client) => readNodes(client, wanted, context.signal));
    const isWell =
      processes.every(({ state }) => state.state === "ready") && nodes.every((node) => node.status === "Ready");
    return { ...common, ...remote, state: isWell ? "running" : "degraded", nodes };
  } catch (error) {
    return { ...common, ...remote, state: "degraded", nodes: [], problem: describeError(error) };
  }
}

/** What the configuration asks for; of a control plane that a cloud runs, nobody here knows more. */
function describeVersion({ distribution, infrastructure, kubernetesVersion }: ClusterConfig): string {
  const isManaged = isManagedInfrastructure(infrastructure);
  const version = isManaged ? kubernetesVersion : chooseVersion(distribution.type, kubernetesVersion).version;
  return version === undefined ? `as ${infrastructure.provider} chooses` : `v${version.replace(/^v/, "")}`;
}

async function listMachines({ paths }: ExistingCluster): Promise<MachineStatus[]> {
  const machines = await readMachines(machinesFile(paths.folder));
  return Promise.all(
    machines.map(async ({ name, address, access, duty = "none yet" }) => {
      const report = await readReportCopy(paths.folder, name);
      const ms = report?.commands.reduce((sum, command) => sum + command.ms, 0) ?? 0;
      const isClosed = access.kind === "none" && duty !== "none yet";
      const setUp = report ? `${report.state}, ${formatDuration(ms)}` : isClosed ? "by itself" : "never";
      return { name, address, duty, setUp };
    }),
  );
}

async function readNodes(
  client: Parameters<Parameters<typeof withClusterClient>[1]>[0],
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<NodeReport[]> {
  const { items } = await client.list(resources.nodes, { signal });
  const known = new Map(items.map((node) => [node.metadata.name!, node]));
  const names = [...new Set([...wanted, ...known.keys()])];
  return names.map((name) => {
    const node = known.get(name);
    if (!node) return { name, status: "missing", version: "", address: "" };
    return {
      name,
      status: isNodeReady(node) ? "Ready" : "NotReady",
      version: node.status?.nodeInfo?.kubeletVersion ?? "",
      address: node.status?.addresses?.find(({ type }) => type === "InternalIP")?.address ?? "",
    };
  });
}

function describe(found: Status): string {
  const parts = [`Cluster ${found.cluster}: ${found.state}, Kubernetes ${found.kubernetes}\n`];
  if (found.nodes.length > 0) {
    const { shown, others } = chooseNodes(found.nodes);
    const rows = shown.map(({ name, status, version, address }) => [name, status, version, address]);
    const more = others === 0 ? "" : `… and ${others} more, all Ready\n`;
    parts.push(formatTable(["NODE", "STATUS", "VERSION", "ADDRESS"], rows) + more);
  }
  if (found.upgrade) parts.push(describeProgress(found.upgrade));
  if (found.warning) parts.push(`${found.warning}\n`);
  if (found.problem) parts.push(`The nodes are not known: ${found.problem}\n`);
  if (found.machines) {
    const rows = found.machines.map(({ name, address, duty, setUp }) => [name, address, duty, setUp]);
    parts.push(formatTable(["MACHINE", "ADDRESS", "DUTY", "SET UP"], rows));
  }
  if (found.processes.length > 0) {
    const rows = found.processes.map((unit) => [unit.name, describeState(unit), String(unit.restarts)]);
    parts.push(formatTable(["PROCESS", "STATE", "RESTARTS"], rows));
  }
  parts.push(
    Object.entries(found.files)
      .map(([what, path]) => `${what.padEnd(11)}${path}\n`)
      .join(""),
  );
  if (found.state === "stopped") parts.push(`Start it with: slipway start --name ${found.cluster}\n`);
  return parts.join("\n");
}

const mostNodes = 20;

/** All that are not well; of the others, as many as fit. */
function chooseNodes(nodes: readonly NodeReport[]): { shown: readonly NodeReport[]; others: number } {
  if (nodes.length <= mostNodes) return { shown: nodes, others: 0 };
  const ill = nodes.filter(({ status }) => status !== "Ready");
  const well = nodes.filter(({ status }) => status === "Ready").slice(0, Math.max(0, mostNodes - ill.length));
  return { shown: [...ill, ...well], others: nodes.length - ill.length - well.length };
}

function describeState({ state }: UnitStatus): string {
  if (state.state === "failed") return `failed: ${state.reason}`;
  return "pid" in state ? `${state.state} (pid ${state.pid})` : state.state;
}
