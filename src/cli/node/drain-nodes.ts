// Draining as commands offer it: how long to wait, and what is said meanwhile.

import type { Command } from "commander";
import { withClusterClient } from "#addons";
import type { ExistingCluster } from "../cluster.ts";
import { kubeconfigOf } from "../cluster-files.ts";
import type { CliContext } from "../context.ts";
import { parseDuration } from "../text/duration.ts";
import { drainNode } from "./drain-node.ts";

export interface DrainFlags {
  readonly drainTimeout: string;
}

export function addDrainOptions(command: Command): Command {
  return command.option(
    "--drain-timeout <time>",
    'how long pods may take to leave a node, such as "90s" or "10m"; 0 for as long as they want',
    "10m",
  );
}

/** How long the flag lets a drain take, in milliseconds; undefined for ever. Throws UserError. */
export function drainTimeoutMs({ drainTimeout }: DrainFlags): number | undefined {
  return parseDuration(drainTimeout, "--drain-timeout");
}

/** One after the other, so that their pods find room; what holds one up is said. Answers those that are not there. */
export async function drainNodes(
  cluster: ExistingCluster,
  nodes: readonly string[],
  { context, flags, say }: { context: CliContext; flags: DrainFlags; say(text: string): void },
): Promise<string[]> {
  const timeoutMs = drainTimeoutMs(flags);
  const missing: string[] = [];
  await withClusterClient(kubeconfigOf(cluster), async (client) => {
    for (const node of nodes) {
      say(`slipway: draining ${node}\n`);
      const found = await drainNode(client, node, {
        signal: context.signal,
        ...(timeoutMs !== undefined && { timeoutMs }),
        onWait: (reason) => say(`slipway: ${reason}\n`),
      });
      if (!found) missing.push(node);
    }
  });
  return missing;
}
