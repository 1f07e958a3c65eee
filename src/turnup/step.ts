// The contract of a step, the unit of a plan. A plan is a list of steps; the engine (engine.ts) runs it, in parallel where needs
// allow, and journals it, so that a second run after a crash at any point goes on, and `down` undoes exactly what was begun.

import type { Clock, Logger } from "#shared";

export type Phase = "provision" | "bootstrap" | "addons" | "verify";

export interface StepContext {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Tells the person watching what is going on inside a long step; one short line, replaced by the next. */
  report(detail: string): void;
}

/** What `check` found. `reason` is shown in plans: why there is something to do, or nothing. */
export type StepState =
  | { readonly state: "done" }
  | { readonly state: "missing"; readonly reason: string }
  | { readonly state: "differs"; readonly reason: string; readonly change: "in place" | "replace" };

export interface Step {
  /** Unique in the plan and the same in every run: "provision/machine/demo-worker-1". The journal's key. */
  readonly id: string;
  readonly phase: Phase;
  /** For people: "Create machine demo-worker-1". Starts with a verb. */
  readonly title: string;
  /** Ids of steps that must be done before this one; undone in the other order. */
  readonly needs: readonly string[];
  /** Looks, and changes nothing. */
  check(context: StepContext): Promise<StepState>;
  /**
   * Does it. Called when `check` does not say done. The journal holds "begun" on disk before this is called, so a crash in the
   * middle is followed either by another apply or by undo: both must cope with a half-done apply.
   */
  apply(context: StepContext): Promise<void>;
  /** Takes it back completely; fine if it was never or only half applied. Absent: undone by a step it needs. */
  undo?(context: StepContext): Promise<void>;
}
