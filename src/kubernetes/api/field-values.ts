// The values that fields of certain types are limited to, as documents about the API tell them. What is checked is in the kinds.

import table from "./generated/field-values.json" with { type: "json" };

const values: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = table;

/** undefined where the field takes any; of a list: what its items are limited to. */
export function valuesOfField(typeName: string, field: string): readonly string[] | undefined {
  const ofType = Object.hasOwn(values, typeName) ? values[typeName] : undefined;
  return ofType && Object.hasOwn(ofType, field) ? ofType[field] : undefined;
}
