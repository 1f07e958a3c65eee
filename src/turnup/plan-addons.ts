// Phase 3 alone, on a cluster that is there: the steps of its add-ons, and of those it no longer wants.

import { chooseAddons } from "#addons";
import { createPlan, type Plan } from "./plan.ts";
import {
  type AddonTarget,
  createAddonStep,
  createAddonsReadySteps,
  createRetiredAddonStep,
} from "./steps/addon-steps.ts";

export interface PlanAddonsOptions {
  /** Names of those to look at. Default: all the configuration wants. */
  readonly only?: readonly string[];
  /** Names of those to be taken out. */
  readonly removed?: readonly string[];
}

/** Throws ConfigError for add-ons that are none. */
export function planAddons(target: AddonTarget, { only, removed = [] }: PlanAddonsOptions = {}): Plan {
  const addons = chooseAddons(target.config).filter(({ name }) => only?.includes(name) ?? true);
  const steps = addons.map((addon) => createAddonStep(target, addon, []));
  steps.push(
    ...createAddonsReadySteps(
      target,
      addons,
      steps.map(({ id }) => id),
    ),
  );
  return createPlan(
    target.config.name,
    steps,
    removed.map((name) => createRetiredAddonStep(target, name)),
  );
}
