// The format keyword of strings.

import { quote } from "../../field-error.ts";
import type { JsonSchema } from "../json-schema.ts";
import { formatOf, stringFormats } from "./formats.ts";
import type { Outcome } from "./outcome.ts";

/** Adds a problem where the text has not the schema's format. False where the schema names none that is checked. */
export function checkFormat(value: string, schema: JsonSchema, path: string, outcome: Outcome): boolean {
  const format = formatOf(schema);
  const check = stringFormats.get(format.replaceAll("-", ""));
  if (!check) return false;
  if (!check(value)) {
    const text = `${path} in body must be of type ${format}: ${quote(value)}`;
    outcome.add({ kind: "type", path, text, value });
  }
  return true;
}
