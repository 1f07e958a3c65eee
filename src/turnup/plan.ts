// A plan: steps whose ids are unique and whose needs can be met. Pure; the engine runs it.

import type { StepOutline } from "./events.ts";
import type { Step } from "./step.ts";

export interface Plan {
  readonly cluster: string;
  /** In an order in which each step follows all it needs. */
  readonly steps: readonly Step[];
  /** Steps of an earlier plan that are wanted no more: undone before the others are done. In no special order. */
  readonly retired: readonly Step[];
}

/** Puts the steps in order. Throws where an id comes twice, a need is not in the plan, or steps need each other in a circle. */
export function createPlan(cluster: string, steps: readonly Step[], retired: readonly Step[] = []): Plan {
  const byId = new Map<string, Step>();
  for (const step of steps) {
    if (byId.has(step.id)) throw new Error(`Cannot plan cluster ${cluster}: step ${step.id} comes twice`);
    byId.set(step.id, step);
  }
  const ordered = new Set<Step>();
  const visit = (step: Step, path: readonly string[]): void => {
    if (ordered.has(step)) return;
    if (path.includes(step.id)) {
      throw new Error(`Cannot plan cluster ${cluster}: steps need each other: ${[...path, step.id].join(" → ")}`);
    }
    for (const need of step.needs) {
      const needed = byId.get(need);
      if (!needed) throw new Error(`Cannot plan cluster ${cluster}: ${step.id} needs ${need}, which is no step`);
      visit(needed, [...path, step.id]);
    }
    ordered.add(step);
  };
  for (const step of steps) visit(step, []);
  return { cluster, steps: [...ordered], retired };
}

/** The same steps, to be run without the rest of their plan: what they need outside of it is there, or needs no wait. */
export function withoutOutsideNeeds(steps: readonly Step[]): Step[] {
  const ids = new Set(steps.map(({ id }) => id));
  return steps.map((step) => ({ ...step, needs: step.needs.filter((need) => ids.has(need)) }));
}

/** What is shown of a step, and what a run does with it. */
export function outlineStep({ id, phase, title, needs }: Step, action: StepOutline["action"]): StepOutline {
  return { id, phase, title, needs, action };
}
