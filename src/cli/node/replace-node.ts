// Puts a new machine in the place of a node: it gets another name, so that nobody takes it for the old one.

import { type EventListener, readLeaving, wantedNodes } from "#turnup";
import { type ExistingCluster, planInput } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { turnUp } from "../turn-up.ts";
import { type DrainFlags, drainNodes } from "./drain-nodes.ts";
import { findSpare, poolOf, resizePool } from "./pools.ts";

export interface ReplaceOptions {
  readonly context: CliContext;
  readonly flags: DrainFlags & { readonly force?: boolean; readonly surge?: boolean };
  readonly onEvent: EventListener;
  say(text: string): void;
}

/**
 * Answers the new node's name. The cluster's lock must be held. Interrupted at any point, the same call goes on: a machine that was made is
 * used, and a node that is on its way out is not asked for its pods again.
 */
export async function replaceNode(cluster: ExistingCluster, node: string, options: ReplaceOptions): Promise<string> {
  const { context, flags, say, onEvent } = options;
  const { config, paths } = cluster;
  const namesNow = () => wantedNodes(planInput(cluster, config, context));
  const before = namesNow();
  if (!readLeaving(paths).includes(node)) {
    if (flags.surge) await makeSpare(cluster, node, options);
    if (!flags.force) await drainNodes(cluster, [node], { context, flags, say });
  }
  await turnUp(cluster, config, context, { onEvent, excluded: [node] });
  return namesNow().find((name) => !before.includes(name)) ?? node;
}

/** One node more in the node's pool. The pool is noted with its own size: it is to have one more only for a while. */
async function makeSpare(cluster: ExistingCluster, node: string, { context, onEvent }: ReplaceOptions): Promise<void> {
  const { config } = cluster;
  const pool = poolOf(config, node);
  if (!pool) return;
  const { existing, excluded = [] } = planInput(cluster, config, context).names;
  const spare = findSpare(
    config,
    pool,
    existing.filter((name) => !excluded.includes(name)),
  );
  const larger = resizePool(config, pool.name, pool.count + 1);
  await turnUp(cluster, larger, context, { onEvent, noted: config, coming: [spare] });
}
