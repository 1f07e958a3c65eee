// Where an upgrade stops because it was told to. Pure.

import { exitCodes, UserError } from "#shared";
import type { Step } from "#turnup";

export interface UpgradeStep extends Step {
  /** What has come to its end with it, by the words one can pause after: nodes, "control-planes", a version. */
  readonly ends?: readonly string[];
  /** It leaves every machine as it is. */
  readonly isHarmless?: boolean;
}

/**
 * The step after which the upgrade is to stop: the first that ends what was named and after which it has not stopped before, so that the
 * same command, given again, goes on. Undefined: there is none any more. Throws a UserError where no step ends it.
 */
export function findPausePoint(
  steps: readonly UpgradeStep[],
  pause: string,
  paused: readonly string[] = [],
): string | undefined {
  const points = steps.filter(({ ends }) => ends?.includes(pause));
  if (points.length === 0) {
    const words = [...new Set(steps.flatMap(({ ends = [] }) => ends))];
    throw new UserError(`Cannot pause after ${pause}: no step of this upgrade ends with it`, {
      hints: [`Pause after one of: ${words.join(", ")}.`],
      exitCode: exitCodes.usage,
    });
  }
  return points.find(({ id }) => !paused.includes(id))?.id;
}
