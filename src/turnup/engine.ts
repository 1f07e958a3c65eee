// Runs plans: each step as soon as what it needs is done, journaled before it acts, taken up again after a crash, undone in the
// other order. Knows nothing of what steps do.

import { type Clock, describeError, exitCodes, type Logger, silentLogger, systemClock, UserError } from "#shared";
import type { EventListener, RunKind, StepOutline } from "./events.ts";
import type { Journal, JournalEvent } from "./journal.ts";
import { outlineStep, type Plan } from "./plan.ts";
import { runInOrder } from "./run-in-order.ts";
import type { Step, StepContext, StepState } from "./step.ts";

export interface RunOptions {
  readonly journal: Journal;
  readonly signal: AbortSignal;
  readonly onEvent?: EventListener;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** A step that could not be done, or undone. */
export class StepFailedError extends UserError {
  readonly step: Step;

  constructor(step: Step, action: string, cause: unknown) {
    const { hints, exitCode } = cause instanceof UserError ? cause : { hints: [], exitCode: exitCodes.failed };
    super(`Cannot ${action}: ${describeError(cause)}`, {
      hints,
      cause,
      exitCode: exitCode === exitCodes.failed ? exitCodes[step.phase] : exitCode,
    });
    this.step = step;
  }
}

/** What a plan would change, step by step. Changes nothing. */
export async function checkPlan(plan: Plan, options: RunOptions): Promise<ReadonlyMap<string, StepState>> {
  const states = new Map<string, StepState>();
  for (const step of plan.steps) states.set(step.id, await checkStep(step, options));
  return states;
}

/**
 * Undoes the plan's retired steps, then brings every other to "done". The first failure stops the others (their signal fires) and is
 * thrown once they have ended; what was done stays, and another call goes on from there.
 */
export function applyPlan(plan: Plan, options: RunOptions): Promise<void> {
  return run("up", plan, options, async (session) => {
    await session.undo(plan.retired);
    await session.apply(plan.steps);
  });
}

/**
 * Undoes every step of the plan that was begun, last ones first. A failure stops only the steps that the failed one needs; the first
 * one is thrown in the end.
 */
export function undoPlan(plan: Plan, options: RunOptions): Promise<void> {
  return run("down", plan, options, (session) => session.undo([...plan.steps, ...plan.retired]));
}

/** One run of a plan: what its two halves share. */
interface Session {
  apply(steps: readonly Step[]): Promise<void>;
  undo(steps: readonly Step[]): Promise<void>;
}

async function run(
  kind: RunKind,
  plan: Plan,
  options: RunOptions,
  body: (session: Session) => Promise<void>,
): Promise<void> {
  const { onEvent = () => {}, clock = systemClock } = options;
  const { cluster } = plan;
  const start = clock.now();
  onEvent({ type: "run-started", run: kind, cluster, steps: outlineRun(kind, plan, options.journal) });
  const failure = await runSession(options, body);
  const ms = clock.now() - start;
  if (failure === undefined) return onEvent({ type: "run-done", run: kind, cluster, ms });
  onEvent({ type: "run-failed", run: kind, cluster, message: describeError(failure), ms });
  throw failure;
}

/** What the run will look at, roughly in the order it will. */
function outlineRun(kind: RunKind, plan: Plan, journal: Journal): StepOutline[] {
  const undone = [...plan.retired, ...(kind === "down" ? plan.steps : [])]
    .filter(({ id }) => journal.progressOf(id) !== "none")
    .map((step) => outlineStep(step, "undo"))
    .toReversed();
  return kind === "down" ? undone : [...undone, ...plan.steps.map((step) => outlineStep(step, "apply"))];
}

/** The error the run ended with, if any. */
async function runSession(options: RunOptions, body: (session: Session) => Promise<void>): Promise<unknown> {
  const failFast = new AbortController();
  const signal = AbortSignal.any([options.signal, failFast.signal]);
  const tools = createTools({ ...options, signal });
  let failure: unknown;
  const attempt = async (action: "apply" | "undo", step: Step): Promise<boolean> => {
    // What was not begun before the signal fired is not begun at all.
    if (signal.aborted) return false;
    const error = await runStep(action, step, tools);
    failure ??= error;
    if (error !== undefined && action === "apply") failFast.abort(error);
    return error === undefined;
  };
  await body({
    apply: (steps) =>
      failure === undefined ? runInOrder(steps, "needs-first", (step) => attempt("apply", step)) : Promise.resolve(),
    undo: (steps) =>
      runInOrder(steps, "needs-last", async (step) => {
        return options.journal.progressOf(step.id) === "none" || attempt("undo", step);
      }),
  });
  return options.signal.aborted ? options.signal.reason : failure;
}

/** The error, where the step failed. */
async function runStep(action: "apply" | "undo", step: Step, tools: Tools): Promise<unknown> {
  const { onEvent = () => {}, clock = systemClock } = tools;
  const start = clock.now();
  onEvent({ type: "step-started", id: step.id });
  try {
    const changed = action === "apply" ? await applyStep(step, tools) : await undoStep(step, tools);
    onEvent({ type: "step-done", id: step.id, changed, ms: clock.now() - start });
    return undefined;
  } catch (cause) {
    const ms = clock.now() - start;
    const failed = new StepFailedError(step, describeAction(action, step), cause);
    if (tools.journal.progressOf(step.id) !== "none") tools.note(step, "failed", ms);
    onEvent({ type: "step-failed", id: step.id, message: failed.message, hints: failed.hints, ms });
    return failed;
  }
}

async function applyStep(step: Step, tools: Tools): Promise<boolean> {
  const context = tools.contextOf(step);
  const start = context.clock.now();
  if ((await checkStep(step, tools)).state === "done") return false;
  tools.note(step, "begun");
  await step.apply(context);
  tools.note(step, "done", context.clock.now() - start);
  return true;
}

async function undoStep(step: Step, tools: Tools): Promise<boolean> {
  const context = tools.contextOf(step);
  const start = context.clock.now();
  tools.note(step, "undo-begun");
  await step.undo?.(context);
  tools.note(step, "undone", context.clock.now() - start);
  return true;
}

interface Tools extends RunOptions {
  note(step: Step, event: JournalEvent, ms?: number): void;
  contextOf(step: Step): StepContext;
}

function createTools(options: RunOptions): Tools {
  const { journal, signal, onEvent = () => {}, clock = systemClock, logger = silentLogger } = options;
  return {
    ...options,
    note(step, event, ms) {
      const time = new Date(clock.now()).toISOString();
      journal.append({ time, step: step.id, event, ...(ms !== undefined && { ms }) });
    },
    contextOf(step) {
      const report = (detail: string) => onEvent({ type: "step-progress", id: step.id, detail });
      return { signal, clock, logger: logger.child({ step: step.id }), report };
    },
  };
}

/** A step that was interrupted is never "done", whatever it looks like from outside. */
async function checkStep(step: Step, options: RunOptions): Promise<StepState> {
  if (options.journal.progressOf(step.id) === "half") return { state: "missing", reason: "was interrupted" };
  return step.check(createTools(options).contextOf(step));
}

function describeAction(action: "apply" | "undo", step: Step): string {
  const title = step.title.charAt(0).toLowerCase() + step.title.slice(1);
  return action === "apply" ? title : `undo "${title}"`;
}
