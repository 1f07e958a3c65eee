// One call at a time that may lie further ahead than a timer reaches.

import type { Clock } from "./clock.ts";

const longestTimerMs = 24 * 60 * 60_000;

/** Calls once, at `time` (milliseconds since the epoch), or at once where that has passed; never for infinity. */
export function callAt(clock: Clock, time: number, action: () => void): void {
  if (!Number.isFinite(time)) return;
  const rest = time - clock.now();
  if (rest <= 0) action();
  else clock.after(Math.min(rest, longestTimerMs), () => callAt(clock, time, action));
}
