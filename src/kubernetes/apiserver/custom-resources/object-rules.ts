// What serving custom resources asks of the engine that knows x-kubernetes-validations.

import type { FieldError, JsonSchema, KubeObject } from "#kubernetes/api";

/** The rules of one schema, compiled. */
export interface ObjectRules {
  /** What the rules mind; `old` is absent for a new object. What was wrong before and has not changed is only warned of. */
  validate(object: KubeObject, old: KubeObject | undefined, warn: (text: string) => void): FieldError[];
}

/** Compiles the rules of a schema; undefined where it has none. */
export type CompileRules = (schema: JsonSchema) => ObjectRules | undefined;
