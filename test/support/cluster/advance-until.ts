// Moves a fake clock on until something that also needs real work (sockets, disks) has come about.

import type { FakeClock } from "#shared";

/** Advances by `stepMs` again and again until `done` resolves; answers what it resolves with. */
export async function advanceUntil<T>(clock: FakeClock, stepMs: number, done: Promise<T>): Promise<T> {
  let isOver = false;
  const watched = done.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await clock.advance(stepMs);
    // Answers travel through real sockets.
    await Promise.race([watched, new Promise((resolve) => setTimeout(resolve, 5))]);
  }
  return watched;
}
