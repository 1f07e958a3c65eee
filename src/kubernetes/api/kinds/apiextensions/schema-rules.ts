// What validation asks of the engine that knows x-kubernetes-validations (CEL), which lies outside of this part.

import type { FieldError } from "../../field-error.ts";
import type { JsonSchema } from "../../structural/json-schema.ts";

export interface SchemaRules {
  /** Checks the rules of all schemas of one version together: what they cost counts as a whole. */
  beginSchema(root: JsonSchema, options: SchemaRulesOptions): SchemaRulesCheck;
  /** What rules mind of a default value. */
  checkDefault(value: unknown, schema: JsonSchema, path: string, isRoot: boolean): FieldError[];
}

export interface SchemaRulesOptions {
  /** The schema is as it was: what each rule costs is not minded. */
  readonly isUnchanged: boolean;
  readonly knownExpressions: ReadonlySet<string>;
}

export interface SchemaRulesCheck {
  /**
   * What is wrong with the rules of a schema, given the schemas from the root down to it with the step to each ("items",
   * "additionalProperties", "properties" and the name), and the path of the first that keeps old and new values from being told
   * to be the same.
   */
  check(place: SchemaPlace): FieldError[];
  /** What is wrong with all rules taken together: their cost. Called last. */
  finish(path: string): FieldError[];
}

export interface SchemaPlace {
  readonly schema: JsonSchema;
  readonly path: string;
  readonly steps: readonly SchemaStep[];
  readonly uncorrelatablePath: string | undefined;
}

export type SchemaStep =
  | { readonly kind: "property"; readonly name: string; readonly schema: JsonSchema }
  | { readonly kind: "items" | "additionalProperties"; readonly schema: JsonSchema };
