// The upgrade under way, as it is kept in the cluster's folder: what is wanted, from what, and how. Its journal says how far it has come.

import { existsSync, readFileSync, rmSync } from "node:fs";
import { exitCodes, UserError, writeFileAtomic } from "#shared";
import type { ClusterPaths, UpgradeHop } from "#turnup";
import type { NamedCluster } from "../cluster.ts";

export interface UpgradeState {
  readonly from: string;
  readonly target: string;
  /** RFC 3339. */
  readonly started: string;
  readonly hops: readonly UpgradeHop[];
  /** The machines there were at its start. */
  readonly machines: readonly string[];
  /** Nodes that a person had cordoned before: they stay so. */
  readonly cordoned: readonly string[];
  /** How many new machines there may be beside the old ones; absent: none is replaced. */
  readonly surge?: number;
  readonly choices: UpgradeChoices;
  /** It was given a bundle, which took the place of what the cluster had before. */
  readonly hasBundle?: true;
  /** Steps after which it has paused. */
  readonly paused?: readonly string[];
}

/** How machines are upgraded, by flags: kept, so that whoever goes on need not repeat them. */
export interface UpgradeChoices {
  /** Whether pods are moved away first. */
  readonly drain: boolean;
  /** Absent: for ever. */
  readonly drainTimeoutMs?: number;
  /** A shell's command that must end well after each batch. */
  readonly gate?: string;
}

export function readUpgrade(paths: ClusterPaths): UpgradeState | undefined {
  return existsSync(paths.upgrade) ? (JSON.parse(readFileSync(paths.upgrade, "utf8")) as UpgradeState) : undefined;
}

export async function writeUpgrade(paths: ClusterPaths, state: UpgradeState): Promise<void> {
  await writeFileAtomic(paths.upgrade, `${JSON.stringify(state, null, 2)}\n`);
}

export function forgetUpgrade(paths: ClusterPaths): void {
  rmSync(paths.upgrade, { force: true });
  rmSync(paths.upgradeJournal, { force: true });
}

/** Throws a UserError while an upgrade is under way: what brings all nodes to a version at once would end its order. */
export function refuseWhileUpgrading({ paths, name }: NamedCluster): void {
  const state = readUpgrade(paths);
  if (!state) return;
  throw new UserError(`Cannot change cluster ${name}: an upgrade to ${state.target} is under way`, {
    hints: [
      `Go on with it: slipway upgrade --name ${name}`,
      `Or give it up, where that is still possible: slipway upgrade --undo --name ${name}`,
    ],
    exitCode: exitCodes.conflict,
  });
}
