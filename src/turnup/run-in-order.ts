// Runs steps as early as their needs allow, all that can at the same time.

import type { Step } from "./step.ts";

/** `needs-first` runs a step after all it needs; `needs-last` before them, for undoing. */
export type StepOrder = "needs-first" | "needs-last";

/**
 * Calls `act` for each step once; where it answers false, the steps that wait for that one are left out. Needs that are not among
 * the steps count as met. Resolves when nothing runs any more. `act` must not reject.
 */
export async function runInOrder(
  steps: readonly Step[],
  order: StepOrder,
  act: (step: Step) => Promise<boolean>,
): Promise<void> {
  const waitsFor = dependenciesOf(steps, order);
  const results = new Map<string, Promise<boolean>>();
  const start = (id: string): Promise<boolean> => {
    const known = results.get(id);
    if (known !== undefined) return known;
    const { step, before } = waitsFor.get(id)!;
    const result = Promise.all(before.map(start)).then((good) => (good.every(Boolean) ? act(step) : false));
    results.set(id, result);
    return result;
  };
  await Promise.all(steps.map(({ id }) => start(id)));
}

function dependenciesOf(steps: readonly Step[], order: StepOrder): Map<string, { step: Step; before: string[] }> {
  const found = new Map(steps.map((step) => [step.id, { step, before: [] as string[] }]));
  for (const step of steps) {
    for (const need of step.needs) {
      const [first, second] = order === "needs-first" ? [need, step.id] : [step.id, need];
      if (found.has(first)) found.get(second)?.before.push(first);
    }
  }
  return found;
}
