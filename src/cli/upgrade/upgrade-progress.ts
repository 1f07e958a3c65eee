// How far an upgrade has come, for people and programs that ask how the cluster is.

import { readJournal } from "#turnup";
import type { ExistingCluster } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { readUpgrade } from "./upgrade-state.ts";
import { upgradeSteps } from "./upgrade-steps.ts";

export interface UpgradeProgress {
  readonly from: string;
  readonly to: string;
  /** RFC 3339. */
  readonly started: string;
  /** Steps. */
  readonly done: number;
  readonly steps: number;
  /** The first that is not done: "Upgrade demo-worker-2". */
  readonly next: string;
  /** Whether that was begun: it is being done, or was interrupted. */
  readonly isBegun: boolean;
}

/** Undefined where none is under way. */
export function findUpgrade(cluster: ExistingCluster, context: CliContext): UpgradeProgress | undefined {
  const state = readUpgrade(cluster.paths);
  if (!state) return undefined;
  const journal = readJournal(cluster.paths.upgradeJournal);
  const steps = upgradeSteps(cluster, state, context);
  const left = steps.filter(({ id }) => journal.progressOf(id) !== "done");
  const [next] = left;
  return {
    from: state.from,
    to: state.target,
    started: state.started,
    done: steps.length - left.length,
    steps: steps.length,
    next: next?.title ?? "Note the version",
    isBegun: next !== undefined && journal.progressOf(next.id) === "half",
  };
}

export function describeProgress({ from, to, done, steps, next, isBegun }: UpgradeProgress): string {
  return `Upgrade from ${from} to ${to}: ${done} of ${steps} steps done; ${isBegun ? "begun" : "next"}: ${next}\n`;
}
