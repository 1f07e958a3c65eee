// What `slipway plan` shows of a cluster on a cloud: what would become of its machines and of everything else that OpenTofu would
// make; and the OpenTofu files, for who would run them by hand.

import { resolve } from "node:path";
import type { ClusterConfig } from "#config";
import {
  type Cloud,
  type CloudInput,
  cloudInput,
  createTofuProvider,
  findCloud,
  type ResourceChange,
  renderDocument,
  type TofuPreview,
} from "#provision";
import { writeFileAtomic } from "#shared";
import { providerContext } from "#turnup";
import { nameCluster, planInput } from "./cluster.ts";
import type { CliContext } from "./context.ts";
import { formatTable } from "./text/table.ts";

export interface CloudPlanOptions {
  readonly json?: boolean;
  /** The folder that the files are written to. */
  readonly write?: string;
}

/** Whether the configuration's machines are a cloud's. */
export function isOnCloud(config: ClusterConfig): boolean {
  return findCloud(config) !== undefined;
}

/** Whether there is anything to do. */
export async function planCloud(
  config: ClusterConfig,
  context: CliContext,
  options: CloudPlanOptions,
): Promise<boolean> {
  const cloud = findCloud(config)!;
  const provider = providerContext(planInput(nameCluster(context, config.name), config, context), context.signal);
  const preview = await createTofuProvider(cloud).preview(provider);
  const input = cloudInput(config, provider.machines);
  if (preview.notAsked)
    context.err(`slipway: the cloud was not asked (${preview.notAsked}); compared with its last files\n`);
  context.out(options.json ? renderJson(cloud, input, preview) : describe(cloud, input, preview));
  if (options.write !== undefined) await writeFiles(cloud, input, resolve(context.folder, options.write), context);
  return preview.changes.length > 0;
}

async function writeFiles(cloud: Cloud, input: CloudInput, folder: string, context: CliContext): Promise<void> {
  for (const [file, document] of Object.entries(cloud.files(input)))
    await writeFileAtomic(`${folder}/${file}`, renderDocument(document));
  context.err(`slipway: the files lie in ${folder}; \`tofu init\` and \`tofu apply\` there make the machines\n`);
}

interface MachineRow {
  readonly name: string;
  readonly zone: string;
  readonly type: string;
  readonly disk: string;
  readonly action: string;
  readonly reason: string;
}

/** A row for each machine that is wanted, and for each that is to go. */
function machineRows(cloud: Cloud, input: CloudInput, { changes }: TofuPreview): MachineRow[] {
  const own = new Map(changes.filter((change) => isMachine(cloud, change)).map((change) => [change.key!, change]));
  const rows = input.machines.map((machine): MachineRow => {
    const { name, zone } = machine;
    const { action = "nothing", reason = "is as wanted" } = own.get(name) ?? {};
    own.delete(name);
    return { name, zone, ...shapeWords(machine), action, reason };
  });
  const gone = [...own].map(([name, { action, reason }]) => ({ name, zone: "", type: "", disk: "", action, reason }));
  return [...gone, ...rows];
}

function shapeWords({ type, spot, diskGB }: CloudInput["pools"][number] | CloudInput["machines"][number]) {
  return { type: `${type}${spot ? " (spot)" : ""}`, disk: `${diskGB} GB` };
}

/** Where the cloud makes the machines: a row for each pool. */
function poolRows({ pools }: CloudInput): string[][] {
  return pools.map((pool) => {
    const { type, disk } = shapeWords(pool);
    return [pool.name, `${pool.count}`, pool.zones.join(" "), type, disk];
  });
}

/** A row for each type of resource that has the same fate: "aws_subnet: public_a, public_b, public_c". */
function resourceRows(changes: readonly ResourceChange[]): string[][] {
  const groups = Map.groupBy(changes, ({ type, action, reason }) => [type, action, reason].join("\n"));
  return [...groups.values()].map((group) => {
    const { type, action, reason } = group[0]!;
    const names = group.map(({ name, key }) => (key === undefined ? name : `${name}[${key}]`));
    const others = names.length - mostNames;
    const shown = names.slice(0, mostNames).join(", ");
    return [type, others > 0 ? `${shown} and ${others} more` : shown, action, reason];
  });
}

const mostNames = 4;

function isMachine({ machine }: Cloud, { type, name, key }: ResourceChange): boolean {
  return type === machine?.resource && name === "machine" && key !== undefined;
}

function renderJson(cloud: Cloud, input: CloudInput, preview: TofuPreview): string {
  const { notAsked, changes } = preview;
  const machines = machineRows(cloud, input, preview);
  const resources = changes.filter((change) => !isMachine(cloud, change));
  const { pools } = input;
  return `${JSON.stringify({ ...(cloud.machine ? { machines } : { pools }), resources, ...(notAsked !== undefined && { notAsked }) }, null, 2)}\n`;
}

function describe(cloud: Cloud, input: CloudInput, preview: TofuPreview): string {
  const machines = machineRows(cloud, input, preview);
  const others = preview.changes.filter((change) => !isMachine(cloud, change));
  const tables = [
    !cloud.machine && formatTable(["POOL", "NODES", "ZONES", "TYPE", "DISK"], poolRows(input)),
    machines.length > 0 &&
      formatTable(
        ["MACHINE", "ZONE", "TYPE", "DISK", "ACTION", "WHY"],
        machines.map(({ name, zone, type, disk, action, reason }) => [name, zone, type, disk, action, reason]),
      ),
    others.length > 0 && formatTable(["RESOURCE", "NAMES", "ACTION", "WHY"], resourceRows(others)),
  ].filter((table) => table !== false);
  return [...tables, `${sumUp(input, preview)}\n`].join("\n");
}

function sumUp({ cluster, infrastructure, machines, pools }: CloudInput, { changes }: TofuPreview): string {
  const place = "region" in infrastructure ? ` in ${infrastructure.region}` : "";
  const nodes = pools.reduce((sum, { count }) => sum + count, 0);
  const size =
    machines.length > 0
      ? `${machines.length} machines`
      : `${nodes} nodes in ${pools.length} ${pools.length === 1 ? "pool" : "pools"}`;
  const where = `Cluster ${cluster} on ${infrastructure.provider}${place}, ${size}`;
  const counts = Map.groupBy(changes, ({ action }) => action);
  const parts = [...counts].map(([action, list]) => `${list.length} to ${verbs[action]}`);
  return `${where}: ${parts.length === 0 ? "nothing to do" : parts.join(", ")}.`;
}

const verbs = { create: "create", "in place": "change in place", replace: "replace", remove: "remove" } as const;
