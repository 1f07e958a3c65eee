// Events as JSON lines, for programs.

import type { EventListener } from "../events.ts";

/** Writes each event as one line, with the time it happened. */
export function renderJson(write: (text: string) => void, now: () => number = Date.now): EventListener {
  return (event) => write(`${JSON.stringify({ time: new Date(now()).toISOString(), ...event })}\n`);
}
