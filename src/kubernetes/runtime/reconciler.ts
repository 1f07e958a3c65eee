// The contract of a reconciler. One is called with a key whenever anything it watches about that object changed; it looks at how
// things are (never at what changed), compares with how they should be, and acts. Calls for one key never overlap.

import type { Clock, Logger } from "#shared";

/**
 * What a reconcile came to. There are four outcomes:
 * - `done`: nothing more until something changes;
 * - `requeue`: look again after a time, because something is due then (a deadline, a schedule);
 * - a thrown error: try again with back-off (5 ms doubling to 1000 s, as upstream's rate limiter);
 * - a thrown TerminalError: log it, and wait for a change: trying again cannot help.
 */
export type ReconcileResult = { readonly outcome: "done" } | { readonly outcome: "requeue"; readonly afterMs: number };

/** The usual end of a reconcile. */
export const done: ReconcileResult = { outcome: "done" };

/** Look at this key again after so many milliseconds, unless a change comes first. */
export function requeueAfter(afterMs: number): ReconcileResult {
  return { outcome: "requeue", afterMs };
}

export interface ReconcileContext {
  /** Fires when the controller stops; pass it to every call. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** `key` is "namespace/name", or "name" for cluster-scoped kinds. The object may be gone. */
export type Reconcile = (key: string, context: ReconcileContext) => Promise<ReconcileResult>;

/** An error that trying again cannot mend. */
export class TerminalError extends Error {
  override readonly name = "TerminalError";
}
