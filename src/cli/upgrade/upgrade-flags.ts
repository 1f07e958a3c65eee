// What the flags of an upgrade mean: for one that begins, and for one that goes on.

import { exitCodes, UserError } from "#shared";
import { type DrainFlags, drainTimeoutMs } from "../node/drain-nodes.ts";
import type { ProgressOptions } from "../progress.ts";
import type { UpgradeChoices } from "./upgrade-state.ts";

export interface UpgradeFlags extends ProgressOptions, DrainFlags {
  readonly name?: string;
  readonly config?: string;
  readonly bundle?: string;
  readonly plan?: boolean;
  readonly resume?: boolean;
  readonly undo?: boolean;
  readonly drain: boolean;
  readonly maxUnavailable: string;
  readonly replace?: boolean;
  readonly surge: string;
  readonly pauseAfter?: string;
  /** Empty for none. */
  readonly gate?: string;
}

type Given = (flag: string) => boolean;

/** Of an upgrade that begins. Throws a UserError. */
export function parseWish(flags: UpgradeFlags, given: Given) {
  const { replace = false } = flags;
  const maxUnavailable = parseCount(flags.maxUnavailable, "--max-unavailable", 1);
  const surge = parseCount(flags.surge, "--surge", 0);
  if (given("surge") && !replace) throw misused("--surge without --replace", "nothing new is made beside the old ones");
  if (given("maxUnavailable") && replace && surge > 0) {
    throw misused(
      "--max-unavailable with --replace",
      "no worker goes before its new one is there, unless --surge is 0",
    );
  }
  return { maxUnavailable, ...(replace && { surge }), choices: choicesOf(flags) };
}

/** Of an upgrade that goes on: what was typed counts, all else stays as it was said before. */
export function chooseAnew(before: UpgradeChoices, flags: UpgradeFlags, given: Given): UpgradeChoices {
  const { drain, drainTimeoutMs: timeout, gate } = choicesOf(flags);
  const keptTimeout = given("drainTimeout") ? timeout : before.drainTimeoutMs;
  const keptGate = given("gate") ? gate : before.gate;
  return {
    drain: given("drain") ? drain : before.drain,
    ...(keptTimeout !== undefined && { drainTimeoutMs: keptTimeout }),
    ...(keptGate !== undefined && { gate: keptGate }),
  };
}

/** What the plan of an upgrade that is under way was made from cannot change any more. Throws a UserError. */
export function refusePlanFlags(cluster: string, given: Given): void {
  const flags = { maxUnavailable: "--max-unavailable", replace: "--replace", surge: "--surge" };
  const found = Object.entries(flags).flatMap(([name, flag]) => (given(name) ? [flag] : []));
  if (found.length === 0) return;
  throw new UserError(`Cannot use ${found.join(", ")} now: the upgrade under way was planned without asking again`, {
    hints: [`See its plan: slipway upgrade --plan --name ${cluster}`, "Go on without these flags."],
    exitCode: exitCodes.conflict,
  });
}

function choicesOf(flags: UpgradeFlags): UpgradeChoices {
  const timeout = drainTimeoutMs(flags);
  return {
    drain: flags.drain,
    ...(timeout !== undefined && { drainTimeoutMs: timeout }),
    ...(flags.gate && { gate: flags.gate }),
  };
}

function parseCount(text: string, flag: string, least: number): number {
  if (/^\d{1,4}$/.test(text) && Number(text) >= least) return Number(text);
  throw new UserError(`Cannot use ${flag} ${text}: it must be a whole number from ${least}`, {
    exitCode: exitCodes.usage,
  });
}

function misused(what: string, why: string): UserError {
  return new UserError(`Cannot use ${what}: ${why}`, { exitCode: exitCodes.usage });
}
