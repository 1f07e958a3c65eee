// What serving custom resources asks of the engine that knows x-kubernetes-validations.

import type { FieldError, JsonSchema, KubeObject } from "#kubernetes/api";

/** The rules of one schema, compiled. */
export interface ObjectRules {
  /** What the rules mind; `old` is absent for a new object. */
  validate(object: KubeObject, old: KubeObject | undefined): FieldError[];
}

/** Compiles the rules of a schema; undefined where it has none. */
export type CompileRules = (schema: JsonSchema) => ObjectRules | undefined;
