// Progress as plain lines, for logs and pipes: one line per step that changed something, and per step that failed.

import type { EventListener, StepOutline } from "../events.ts";
import { formatDuration } from "./format-duration.ts";

export function renderPlain(write: (text: string) => void): EventListener {
  const steps = new Map<string, StepOutline>();
  return (event) => {
    if (event.type === "run-started") for (const step of event.steps) steps.set(step.id, step);
    if (event.type === "step-done" && event.changed)
      write(`✓ ${titleOf(steps.get(event.id)!)} (${formatDuration(event.ms)})\n`);
    if (event.type === "step-failed") write(`✗ ${titleOf(steps.get(event.id)!)} (${formatDuration(event.ms)})\n`);
  };
}

/** What the run does with the step, in words. */
function titleOf({ title, action }: StepOutline): string {
  return action === "apply" ? title : `Undo: ${title.charAt(0).toLowerCase()}${title.slice(1)}`;
}
