// Draining as commands offer it: how long to wait, and what is said meanwhile.

import type { Command } from "commander";
import { withClusterClient } from "#addons";
import { exitCodes, UserError } from "#shared";
import type { ExistingCluster } from "../cluster.ts";
import type { CliContext } from "../context.ts";
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

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds; undefined for ever. Throws UserError. */
export function parseDrainTimeout(text: string): number | undefined {
  if (text === "0") return undefined;
  const [, amount, unit] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  if (amount !== undefined) return Number(amount) * unitMs[unit!]!;
  throw new UserError(`Cannot use --drain-timeout ${text}: it must be such as 90s, 10m or 1h`, {
    exitCode: exitCodes.usage,
  });
}

/** One after the other, so that their pods find room; what holds one up is said. */
export async function drainNodes(
  cluster: ExistingCluster,
  nodes: readonly string[],
  { context, flags, say }: { context: CliContext; flags: DrainFlags; say(text: string): void },
): Promise<void> {
  const timeoutMs = parseDrainTimeout(flags.drainTimeout);
  await withClusterClient(cluster.paths.kubeconfig, async (client) => {
    for (const node of nodes) {
      say(`slipway: draining ${node}\n`);
      await drainNode(client, node, {
        signal: context.signal,
        ...(timeoutMs !== undefined && { timeoutMs }),
        onWait: (reason) => say(`slipway: ${reason}\n`),
      });
    }
  });
}
