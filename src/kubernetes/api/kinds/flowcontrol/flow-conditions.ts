// Conditions of flow control's kinds: each type once, and none without a type.

import { child, duplicate, type FieldError, item, required } from "../../field-error.ts";

export function validateFlowConditions(
  conditions: readonly { readonly type?: string }[] | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const known = new Set<string>();
  for (const [index, { type = "" }] of (conditions ?? []).entries()) {
    const typePath = child(item(path, index), "type");
    if (known.has(type)) errors.push(duplicate(typePath, type));
    known.add(type);
    if (type === "") errors.push(required(typePath));
  }
  return errors;
}
