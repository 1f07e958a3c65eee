// Puts a new machine in the place of a node: it gets another name, so that nobody takes it for the old one.

import { type EventListener, wantedNodes, writeClusterConfig } from "#turnup";
import { type ExistingCluster, planInput } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { turnUp } from "../turn-up.ts";
import { type DrainFlags, drainNodes } from "./drain-nodes.ts";
import { poolOf, resizePool } from "./pools.ts";

export interface ReplaceOptions {
  readonly context: CliContext;
  readonly flags: DrainFlags & { readonly force?: boolean; readonly surge?: boolean };
  readonly onEvent: EventListener;
  say(text: string): void;
}

/** Answers the new node's name. The cluster's lock must be held. */
export async function replaceNode(cluster: ExistingCluster, node: string, options: ReplaceOptions): Promise<string> {
  const { context, flags, say, onEvent } = options;
  const { config } = cluster;
  const namesNow = () => wantedNodes(planInput(cluster, config, context));
  const before = namesNow();
  const pool = poolOf(config, node);
  try {
    if (flags.surge && pool) await turnUp(cluster, resizePool(config, pool.name, pool.count + 1), context, { onEvent });
    if (!flags.force) await drainNodes(cluster, [node], { context, flags, say });
  } catch (error) {
    // The pool is to have its size: the same command, repeated, finds the machine that was made, and makes no other one.
    await writeClusterConfig(cluster.paths, config);
    throw error;
  }
  await turnUp(cluster, config, context, { onEvent, excluded: [node] });
  return namesNow().find((name) => !before.includes(name)) ?? node;
}
