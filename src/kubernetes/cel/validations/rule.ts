// Rules of schemas (x-kubernetes-validations) as they are written, and schemas that have them.

import { additionalOf, itemsOf, type OpenApiSchema } from "../schema/open-api.ts";

export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

export interface RuledSchema extends OpenApiSchema {
  readonly "x-kubernetes-validations"?: readonly ValidationRule[];
}

export function rulesOf(schema: RuledSchema): readonly ValidationRule[] {
  return schema["x-kubernetes-validations"] ?? [];
}

/** Whether the schema or one below it has rules; those of allOf do not count. */
export function hasRules(schema: RuledSchema | undefined): boolean {
  if (schema === undefined) return false;
  return (
    rulesOf(schema).length > 0 ||
    hasRules(itemsOf(schema)) ||
    hasRules(additionalOf(schema)) ||
    Object.values(schema.properties ?? {}).some(hasRules)
  );
}

/** What a rule is called in messages. */
export function nameOfRule({ message = "", rule }: ValidationRule): string {
  return (message === "" ? rule : message).trim();
}
