// Runs the checks of a level and version of the Pod Security Standards on a pod.

import { baselineChecks } from "./baseline-checks.ts";
import type { Check, CheckedPod, CheckFunction, Violation } from "./check.ts";
import { formatLevelVersion, type LevelVersion } from "./policy.ts";
import { restrictedChecks } from "./restricted-checks.ts";

/** Everything the pod violates, baseline first. */
export function evaluatePod(levelVersion: LevelVersion, pod: CheckedPod): Violation[] {
  return checksFor(levelVersion).flatMap((check) => check(pod) ?? []);
}

function checksFor({ level, minor }: LevelVersion): CheckFunction[] {
  if (level === "privileged") return [];
  if (level === "baseline") return functionsOf(baselineChecks, minor);
  const active = restrictedChecks.filter((check) => functionOf(check, minor));
  const overridden = new Set(active.flatMap((check) => check.overrides ?? []));
  const baseline = baselineChecks.filter((check) => !overridden.has(check.id));
  return [...functionsOf(baseline, minor), ...functionsOf(active, minor)];
}

function functionsOf(checks: readonly Check[], minor: number): CheckFunction[] {
  return checks.flatMap((check) => functionOf(check, minor) ?? []);
}

/** The function that holds at a version; undefined where the check is younger. */
function functionOf({ versions }: Check, minor: number): CheckFunction | undefined {
  return versions.findLast(({ from }) => from <= minor)?.check;
}

/** "PodSecurity "restricted:latest": privileged (container …), …". */
export function describeViolations(levelVersion: LevelVersion, violations: readonly Violation[]): string {
  const list = violations.map(({ reason, detail }) => (detail === "" ? reason : `${reason} (${detail})`));
  return `PodSecurity ${JSON.stringify(formatLevelVersion(levelVersion))}: ${list.join(", ")}`;
}
