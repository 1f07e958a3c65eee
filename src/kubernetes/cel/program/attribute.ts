// A value and the steps from it to a part. That they belong together matters twice: an optional step makes all later ones
// optional, and cel-go counts the cost of the whole.

import { CelError, CelOptional, type CelValue, NO_SUCH_OVERLOAD, NONE } from "../values/value.ts";
import type { Frame, Step } from "./frame.ts";
import type { Qualifier } from "./qualifier.ts";

export interface Attribute {
  /** The value, or the error met on the way. */
  resolve(frame: Frame): CelValue;
  /** This and one step more. */
  qualified(by: Qualifier): Attribute;
  /** What it costs besides its steps. */
  readonly cost: number;
}

export function rootAttribute(root: Step, qualifiers: readonly Qualifier[] = []): Attribute {
  const [only] = qualifiers;
  const resolve = only && qualifiers.length === 1 ? resolveOne(root, only) : resolveAll(root, qualifiers);
  return {
    cost: 1,
    resolve: qualifiers.length === 0 ? root : resolve,
    qualified: (by) => rootAttribute(root, [...qualifiers, by]),
  };
}

function resolveOne(root: Step, qualifier: Qualifier): Step {
  if (qualifier.optional) return resolveAll(root, [qualifier]);
  return (frame) => {
    const value = root(frame);
    if (value instanceof CelError) return value;
    return value instanceof CelOptional ? applyAll(frame, value, [qualifier]) : qualifier.qualify(frame, value);
  };
}

function resolveAll(root: Step, qualifiers: readonly Qualifier[]): Step {
  return (frame) => {
    const value = root(frame);
    return value instanceof CelError ? value : applyAll(frame, value, qualifiers);
  };
}

function applyAll(frame: Frame, root: CelValue, qualifiers: readonly Qualifier[]): CelValue {
  let optional = root instanceof CelOptional;
  if (root instanceof CelOptional && root.value === undefined) return root;
  let value = root instanceof CelOptional ? root.value! : root;
  for (const qualifier of qualifiers) {
    optional ||= qualifier.optional;
    const part = optional ? qualifier.qualifyIfPresent(frame, value) : qualifier.qualify(frame, value);
    if (part === undefined) return NONE;
    if (part instanceof CelError) return part;
    value = part;
  }
  return optional ? new CelOptional(value) : value;
}

/** One of two, by a condition; steps go on from either. */
export function conditionalAttribute(condition: Step, yes: Attribute, no: Attribute): Attribute {
  return {
    cost: 0,
    resolve: (frame) => {
      const value = condition(frame);
      if (value === true) return yes.resolve(frame);
      if (value === false) return no.resolve(frame);
      return value instanceof CelError ? value : NO_SUCH_OVERLOAD;
    },
    qualified: (by) => conditionalAttribute(condition, yes.qualified(by), no.qualified(by)),
  };
}
