// What happens while a plan runs, as data. The command line's renderers, `--json` and the dashboard read the same stream.

import type { Phase } from "./step.ts";

export type RunKind = "up" | "down";

/** A step as shown: all of it but how it is done. */
export interface StepOutline {
  readonly id: string;
  readonly phase: Phase;
  readonly title: string;
  readonly needs: readonly string[];
  readonly action: "apply" | "undo";
}

/** In order: one run-started, then events of steps, then run-done or run-failed. Times are milliseconds. */
export type TurnupEvent =
  | {
      readonly type: "run-started";
      readonly run: RunKind;
      readonly cluster: string;
      readonly steps: readonly StepOutline[];
    }
  | { readonly type: "step-started"; readonly id: string }
  | { readonly type: "step-progress"; readonly id: string; readonly detail: string }
  /** `changed` is false where the check found nothing to do. */
  | { readonly type: "step-done"; readonly id: string; readonly changed: boolean; readonly ms: number }
  | {
      readonly type: "step-failed";
      readonly id: string;
      readonly message: string;
      readonly hints: readonly string[];
      readonly ms: number;
    }
  | { readonly type: "run-done"; readonly run: RunKind; readonly cluster: string; readonly ms: number }
  | {
      readonly type: "run-failed";
      readonly run: RunKind;
      readonly cluster: string;
      readonly message: string;
      readonly ms: number;
    };

/** Takes events as they happen. Must not throw. */
export type EventListener = (event: TurnupEvent) => void;
