// Writes a cluster's machines into a folder, for people who make machines by other means: each as cloud-init, as Ignition and as a script,
// and a text that says what to do with them.

import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { renderCloudInit, renderIgnition, renderShellScript } from "#bootstrap";
import { exitCodes, readFileIfExists, UserError, writeFileAtomic } from "#shared";
import type { DescribedMachine, DescribedMachines } from "#turnup";

/** Tells a folder of ours, and what in it is ours. */
const markFile = "slipway-bootstrap.json";

interface Mark {
  readonly cluster: string;
  readonly machines: readonly string[];
}

export interface MachineFilesOptions extends DescribedMachines {
  readonly cluster: string;
  readonly distribution: string;
  /** Machines join by a token that has to be made good first. */
  readonly joinsByBootstrapToken: boolean;
}

/** Throws a UserError where the folder holds what is not this cluster's. Changes nothing. */
export async function refuseForeignFolder(folder: string, cluster: string): Promise<void> {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  const mark = await readMark(folder);
  if (mark?.cluster === cluster) return;
  throw new UserError(
    mark
      ? `Cannot write into ${folder}: it holds the machines of cluster ${mark.cluster}`
      : `Cannot write into ${folder}: it is not empty, and not written by slipway bootstrap --write`,
    { hints: ["Name a folder that is empty, or not there yet."], exitCode: exitCodes.conflict },
  );
}

/** The folder may be one that this wrote earlier: machines that are no more go. All of it is for its owner's eyes only. */
export async function writeMachineFiles(folder: string, options: MachineFilesOptions): Promise<void> {
  const { cluster, machines } = options;
  await refuseForeignFolder(folder, cluster);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  const names = machines.map(({ spec }) => spec.name);
  const earlier = (await readMark(folder))?.machines ?? [];
  const write = (path: string, text: string) => writeFileAtomic(join(folder, path), text, 0o600);
  const mark: Mark = { cluster, machines: [...new Set([...earlier, ...names])] };
  await write(markFile, `${JSON.stringify(mark, null, 2)}\n`);
  for (const name of mark.machines.filter((other) => !names.includes(other)))
    await rm(join(folder, name), { recursive: true, force: true });
  for (const { spec, description, origins, bundled } of machines) {
    const means = { origin: (name: string) => origins.get(name), bundled };
    await write(`${spec.name}/cloud-init.yaml`, renderCloudInit(description, means));
    await write(`${spec.name}/ignition.json`, renderIgnition(description, means));
    await write(`${spec.name}/bootstrap.sh`, renderShellScript(description, means));
  }
  await write("machines.json", `${JSON.stringify(machines.map(describeGiven), null, 2)}\n`);
  await write("README.md", renderReadme(options));
  await write(markFile, `${JSON.stringify({ ...mark, machines: names }, null, 2)}\n`);
}

async function readMark(folder: string): Promise<Mark | undefined> {
  const text = await readFileIfExists(join(folder, markFile));
  return text === undefined ? undefined : (JSON.parse(text) as Mark);
}

/** What `slipway bootstrap --machines` takes, but for addresses that nobody knows yet. */
function describeGiven({ spec: { name, role, pool }, address = "" }: DescribedMachine): object {
  return { name, role, pool, address, access: { kind: "none" } };
}

const duties = {
  init: "starts the cluster",
  "join-control-plane": "joins as a control plane",
  "join-worker": "joins as a worker",
} as const;

function bundledNote(machines: readonly DescribedMachine[]): string {
  const place = machines.map(({ bundled }) => bundled?.packages?.url).find((url) => url !== undefined);
  return place === undefined ? "" : ` They come from ${place}, and images from beside it: from a bundle.`;
}

function renderReadme({ cluster, distribution, server, machines, joinsByBootstrapToken }: MachineFilesOptions): string {
  const rows = machines.map(({ spec, duty }) => `| ${spec.name} | ${duties[duty]} |`);
  const artifacts = new Map(machines.flatMap(({ origins }) => [...origins]));
  const fetched = [...artifacts].map(([name, { url }]) => `- ${name}: ${url}`);
  const packages = new Set(machines.flatMap(({ description }) => description.packages ?? []));
  const token = joinsByBootstrapToken
    ? " It makes the token good by which they join, tells the cluster their addresses, and labels the nodes."
    : " It tells the cluster their addresses, and labels the nodes.";
  return `# The machines of cluster ${cluster}

Written by \`slipway bootstrap --write\`: how each machine becomes a node by itself, distribution ${distribution}. **These files hold the cluster's
keys and tokens**: whoever reads a control plane's can do anything in the cluster.

| machine | what it does |
| --- | --- |
${rows.join("\n")}

Each folder has the same three times: give the machine one of them.

- \`cloud-init.yaml\`: as its user data, where its image has cloud-init.
- \`ignition.json\`: where its image has Ignition (Flatcar, Fedora CoreOS); version 3.3.0.
- \`bootstrap.sh\`: run by root on a machine that is there already. It may be run again.

## In this order

1. Make the machine that starts the cluster. Everybody must reach the API at ${server}.
2. Make the other control planes, one after the other.
3. Make the workers, in any order.
4. Write those of the machines' addresses that lack into \`machines.json\`, and run
   \`slipway bootstrap --machines machines.json --config FILE\` where you ran \`--write\`: the cluster's authorities lie there. It waits for the
   API and for every node, and writes the kubeconfig.${token} It may be run as soon as the addresses are known, and again.
5. \`slipway addons --name ${cluster}\` installs the add-ons.

## What a machine needs

- Its host name must be its name here: the node is called so.
- root, systemd, a clock that is right, and a way to the API.
- Packages, where it has a package manager: ${[...packages].join(", ") || "none"}.${bundledNote(machines)}
- What it fetches, each checked against its digest:

${fetched.join("\n") || "- nothing"}

Every machine writes what each step did to \`/var/lib/slipway/bootstrap/report.json\`.
`;
}
