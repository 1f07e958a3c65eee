// What `slipway plan` shows of a cluster on a cloud: its machines and what else would be made; and the OpenTofu files, for who would
// run them by hand.

import { resolve } from "node:path";
import type { ClusterConfig } from "#config";
import { type CloudInput, cloudInput, findCloud, listResources, renderDocument } from "#provision";
import { writeFileAtomic } from "#shared";
import { machineSpecs } from "#turnup";
import type { CliContext } from "./context.ts";
import { formatTable } from "./table.ts";

export interface CloudPlanOptions {
  readonly json?: boolean;
  /** The folder that the files are written to. */
  readonly write?: string;
}

/** Whether the configuration's machines are a cloud's. */
export function isOnCloud(config: ClusterConfig): boolean {
  return findCloud(config) !== undefined;
}

export async function planCloud(config: ClusterConfig, context: CliContext, options: CloudPlanOptions): Promise<void> {
  const cloud = findCloud(config)!;
  const input = cloudInput(config, machineSpecs(config, { existing: [] }));
  const files = cloud.files(input);
  const resources = Object.entries(files).flatMap(([file, document]) =>
    listResources({ [file]: document }).map((address) => ({ file, address })),
  );
  if (options.json) context.out(`${JSON.stringify({ machines: input.machines, resources }, null, 2)}\n`);
  else context.out(describe(input, resources));
  if (options.write === undefined) return;
  const folder = resolve(context.folder, options.write);
  for (const [file, document] of Object.entries(files))
    await writeFileAtomic(`${folder}/${file}`, renderDocument(document));
  context.err(`slipway: the files lie in ${folder}; \`tofu init\` and \`tofu apply\` there make the machines\n`);
}

function describe(
  { cluster, machines, infrastructure: { provider, region } }: CloudInput,
  resources: readonly { file: string; address: string }[],
): string {
  const rows = machines.map(({ name, zone, type, diskGB, spot }) => [
    name,
    `${region} ${zone}`,
    `${type}${spot ? " (spot)" : ""}`,
    `${diskGB} GB`,
  ]);
  const others = resources.map(({ file, address }) => [file, address]);
  return [
    formatTable(["MACHINE", "ZONE", "TYPE", "DISK"], rows),
    formatTable(["FILE", "RESOURCE"], others),
    `Cluster ${cluster} on ${provider}: ${machines.length} machines, ${resources.length} kinds of resources.\n`,
  ].join("\n");
}
