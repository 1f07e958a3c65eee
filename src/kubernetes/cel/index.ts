// The Common Expression Language, as Kubernetes speaks it: compiling expressions against declared types, and evaluating them
// within a cost. Pure.

export type { Environment, TypeProvider } from "./checker/environment.ts";
export {
  type Compiled,
  compile,
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  PER_CALL_LIMIT,
  type Program,
} from "./compile.ts";
export { createEnvironment } from "./environment.ts";
export type { Activation } from "./program/frame.ts";
export type { Problem } from "./syntax/source.ts";
export { CelType, listType, mapType, objectType, optionalType, types } from "./values/type.ts";
export { CelError, type CelList, type CelMap, CelOptional, type CelValue, isError } from "./values/value.ts";
