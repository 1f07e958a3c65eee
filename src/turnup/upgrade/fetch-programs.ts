// Has on this machine what others are to be brought, before any of them is touched: what cannot be had stops an upgrade at its start.

import { type PlanInput, wantedMachines } from "../plan-input.ts";
import { describeAsBrought } from "../remote/remote-machine-steps.ts";
import type { StepContext } from "../step.ts";

/** Throws a UserError that names the first program that cannot be had. */
export async function fetchPrograms(
  input: PlanInput,
  { signal, report }: Pick<StepContext, "signal" | "report">,
): Promise<void> {
  const names = new Set<string>();
  for (const spec of wantedMachines(input)) {
    const description = await describeAsBrought(input, spec, signal);
    for (const { name } of description?.artifacts ?? []) names.add(name);
  }
  for (const name of names) {
    report(name);
    await input.artifacts.locate(name, { signal });
  }
}
