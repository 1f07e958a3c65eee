// How old the lists are that are read in pages: the rest of one is only shown for so long, as upstream's history ends after five
// minutes. The store may remember more, for the sake of watches; clients are told to begin anew all the same.

import type { Clock } from "#shared";

export interface PageAges {
  /** A client has been given a token to go on at this revision. */
  note(revision: number): void;
  isTooOld(revision: number): boolean;
}

const longestMs = 5 * 60_000;

export function createPageAges(clock: Clock): PageAges {
  /** When a revision was first given out, the oldest first. */
  const since = new Map<number, number>();
  /** Revisions up to this one are too old. */
  let forgotten = 0;

  const forget = (): void => {
    const now = clock.now();
    for (const [revision, time] of since) {
      if (now - time < longestMs) return;
      since.delete(revision);
      forgotten = Math.max(forgotten, revision);
    }
  };
  return {
    note(revision) {
      forget();
      if (!since.has(revision)) since.set(revision, clock.now());
    },
    isTooOld(revision) {
      forget();
      return revision <= forgotten;
    },
  };
}
