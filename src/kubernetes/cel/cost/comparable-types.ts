// The types whose values have an order, in the order of their overloads.

import { type CelType, types } from "../values/type.ts";

export const comparableTypes: readonly CelType[] = [
  types.int,
  types.uint,
  types.double,
  types.bool,
  types.duration,
  types.timestamp,
  types.string,
  types.bytes,
];
