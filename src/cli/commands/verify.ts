// slipway verify

import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { isNodeReady, withClusterClient } from "#addons";
import { isSimulatedCluster } from "#config";
import { exitCodes, UserError, writeFileAtomic } from "#shared";
import { wantedNodes } from "#turnup";
import { addNameOption, type ExistingCluster, findCluster, planInput } from "../cluster.ts";
import { kubeconfigOf } from "../cluster-files.ts";
import type { CliContext } from "../context.ts";
import { ExitError } from "../exit-error.ts";
import { loadImages } from "../load-images.ts";
import { formatTable } from "../text/table.ts";
import { createTestImage, testImageName } from "../verify/test-image.ts";
import { type CheckResults, checks } from "../verify/test-pods.ts";
import { verifyNodes } from "../verify/verify-nodes.ts";

interface VerifyCommandOptions {
  readonly name?: string;
  readonly image?: string;
  readonly json?: boolean;
}

export function define(command: Command, context: CliContext): void {
  addNameOption(command)
    .option("--image <image>", "an image with /bin/busybox for the test pods (default: packed from this machine's)")
    .option("--json", "as JSON")
    .action((options: VerifyCommandOptions) => verify(context, options));
}

/** Exits with 50 where a node lacks something. */
async function verify(context: CliContext, options: VerifyCommandOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  if (isSimulatedCluster(cluster.config)) {
    return verifySimulated(cluster, context, options);
  }
  const kubeconfig = kubeconfigOf(cluster);
  const image = options.image ?? (await loadTestImage(cluster, context));
  const nodes = wantedNodes(planInput(cluster, cluster.config, context));
  const results = await withClusterClient(kubeconfig, (client) =>
    verifyNodes(client, { nodes, image, dnsDomain: cluster.config.network.dnsDomain, signal: context.signal }),
  );
  context.out(options.json ? `${JSON.stringify(Object.fromEntries(results), null, 2)}\n` : describe(results));
  const isWell = [...results.values()].every((result) => checks.every((check) => result[check] === "ok"));
  if (!isWell) throw new ExitError(exitCodes.verify);
}

/** Nothing runs on simulated nodes that could be tested but that they are Ready. */
async function verifySimulated(
  cluster: ExistingCluster,
  context: CliContext,
  { json }: VerifyCommandOptions,
): Promise<void> {
  const names = wantedNodes(planInput(cluster, cluster.config, context));
  const { items } = await withClusterClient(cluster.paths.kubeconfig, async (client) => {
    const { resources } = await import("#kubernetes/api");
    return client.list(resources.nodes, { signal: context.signal });
  });
  const ready = new Set(items.filter(isNodeReady).map(({ metadata }) => metadata.name));
  const missing = names.filter((name) => !ready.has(name));
  const results = names.map((name) => [name, { ready: ready.has(name) ? "ok" : "not ready" }]);
  if (json) context.out(`${JSON.stringify(Object.fromEntries(results), null, 2)}\n`);
  else if (missing.length > 0) context.out(missing.map((name) => `${name} is not ready\n`).join(""));
  else context.out(`${names.length} simulated nodes are ready; nothing runs on them that could be tested.\n`);
  if (missing.length > 0) throw new ExitError(exitCodes.verify);
}

async function loadTestImage(cluster: ExistingCluster, context: CliContext): Promise<string> {
  const archive = createTestImage();
  if (!archive) {
    throw new UserError("Cannot make the image of the test pods: there is no static busybox on this machine", {
      hints: [
        "Install it (Debian: apt-get install busybox-static).",
        "Or name an image: slipway verify --image docker.io/library/busybox:stable-musl",
      ],
      exitCode: exitCodes.host,
    });
  }
  const path = join(cluster.paths.run, "verify-image.tar");
  await writeFileAtomic(path, archive);
  try {
    await loadImages(cluster, path, context);
  } finally {
    await rm(path, { force: true });
  }
  return testImageName;
}

function describe(results: ReadonlyMap<string, CheckResults>): string {
  const rows = [...results].map(([node, result]) => [node, ...checks.map((check) => result[check])]);
  return formatTable(["NODE", ...checks.map((check) => check.toUpperCase())], rows);
}
