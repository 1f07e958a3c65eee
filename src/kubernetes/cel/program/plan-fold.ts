// Comprehensions: the loops that macros expand to. Lists and maps being gathered grow in place, as nobody else sees them yet.

import type { ComprehensionExpr } from "../syntax/expr.ts";
import { GrowingList, itemsOf } from "../values/list.ts";
import { GrowingMap } from "../values/map.ts";
import { CelError, type CelList, type CelMap, type CelValue, isList, isMap } from "../values/value.ts";
import type { Frame, Step } from "./frame.ts";
import type { Planner, Scope } from "./plan.ts";
import type { Planned } from "./planned.ts";

interface Fold {
  readonly range: Step;
  readonly condition: Step;
  readonly step: Step;
  readonly result: Step;
  /** The slots of accumulator and variables; the second is -1 where there is only one. */
  readonly slots: readonly [number, number, number];
}

export function planFold(planner: Planner, expr: ComprehensionExpr, scope: Scope): Planned {
  const slot = freeSlot(scope);
  const init = growing(planner.plan(expr.init, scope).run);
  const inner: Scope = new Map([...scope, [expr.accumulator, { slot, init }]]);
  const variables: (readonly [string, { readonly slot: number }])[] = [[expr.variable, { slot: slot + 1 }]];
  if (expr.variable2 !== undefined) variables.push([expr.variable2, { slot: slot + 2 }]);
  const loop: Scope = new Map([...inner, ...variables]);
  const fold: Fold = {
    range: planner.plan(expr.range, scope).run,
    condition: planner.plan(expr.condition, loop).run,
    step: planner.plan(expr.step, loop).run,
    result: planner.plan(expr.result, inner).run,
    slots: [slot, slot + 1, expr.variable2 === undefined ? -1 : slot + 2],
  };
  return { run: (frame) => runFold(fold, frame) };
}

/** Slots are used like a stack: what is in sight lies below. */
function freeSlot(scope: Scope): number {
  let free = 0;
  for (const { slot } of scope.values()) free = Math.max(free, slot + 1);
  return free;
}

function growing(init: Step): Step {
  return (frame) => {
    const value = init(frame);
    if (isList(value) && value.size === 0) return new GrowingList();
    return isMap(value) && value.size === 0 ? new GrowingMap() : value;
  };
}

function runFold(fold: Fold, frame: Frame): CelValue {
  const [slot] = fold.slots;
  const range = fold.range(frame);
  if (range instanceof CelError) return range;
  frame.locals[slot] = undefined;
  if (isList(range)) foldList(fold, frame, range);
  else if (isMap(range)) foldMap(fold, frame, range);
  else return new CelError("got an unsupported type, expected iterable type");
  const result = fold.result(frame);
  frame.locals[slot] = undefined;
  return result instanceof GrowingList || result instanceof GrowingMap ? result.settle() : result;
}

function foldList(fold: Fold, frame: Frame, range: CelList): void {
  const [, first, second] = fold.slots;
  let index = 0;
  for (const item of itemsOf(range)) {
    if (second >= 0) {
      frame.locals[first] = BigInt(index++);
      frame.locals[second] = item;
    } else {
      frame.locals[first] = item;
    }
    if (!runRound(fold, frame)) return;
  }
}

function foldMap(fold: Fold, frame: Frame, range: CelMap): void {
  const [, first, second] = fold.slots;
  for (const key of range.keys()) {
    frame.locals[first] = key;
    if (second >= 0) frame.locals[second] = range.find(key)!;
    if (!runRound(fold, frame)) return;
  }
}

/** false where the loop ends early. */
function runRound(fold: Fold, frame: Frame): boolean {
  if (fold.condition(frame) === false) return false;
  frame.locals[fold.slots[0]] = fold.step(frame);
  frame.checkSignal();
  return true;
}
