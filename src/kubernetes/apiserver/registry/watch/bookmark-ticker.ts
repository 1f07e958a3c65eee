// Wakes the watches that asked for bookmarks once a minute, all by one timer, which runs only while there are any.

import type { Clock } from "#shared";

export interface BookmarkTicker {
  /** Calls `tick` every minute from now on; the answer takes it away. */
  add(tick: () => void): () => void;
}

const periodMs = 60_000;

export function createBookmarkTicker(clock: Clock): BookmarkTicker {
  const ticks = new Set<() => void>();
  let cancel: (() => void) | undefined;
  const schedule = () => {
    cancel = clock.after(periodMs, () => {
      for (const tick of [...ticks]) tick();
      if (ticks.size > 0) schedule();
      else cancel = undefined;
    });
  };
  return {
    add(tick) {
      ticks.add(tick);
      if (!cancel) schedule();
      return () => {
        ticks.delete(tick);
        if (ticks.size > 0) return;
        cancel?.();
        cancel = undefined;
      };
    },
  };
}
