// What planning an expression gives: a step to run, and what else is known of it.

import type { CelValue } from "../values/value.ts";
import type { Attribute } from "./attribute.ts";
import type { Step } from "./frame.ts";

export interface Planned {
  readonly run: Step;
  /** Its value, where that is known beforehand. */
  readonly constant?: { readonly value: CelValue };
  /** Where it is a value with steps to a part of it. */
  readonly attribute?: Attribute;
}

export function planConstant(value: CelValue): Planned {
  return { run: () => value, constant: { value } };
}

export function planAttribute(attribute: Attribute): Planned {
  const { cost } = attribute;
  return {
    attribute,
    run: (frame) => {
      const value = attribute.resolve(frame);
      if (cost > 0) frame.charge(cost);
      return value;
    },
  };
}
