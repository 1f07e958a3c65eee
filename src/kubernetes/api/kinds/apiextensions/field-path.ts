// Paths to fields of a schema (.spec.size, .data['a.b']), as selectable fields and validation rules name them.

import { additionalOf, type JsonSchema, propertyOf } from "../../structural/json-schema.ts";

export type FieldPathResult =
  | { readonly found: true; readonly path: string; readonly first: string; readonly schema: JsonSchema | undefined }
  | { readonly found: false; readonly problem: string };

/** Follows a path through a schema. Where brackets are not allowed, a path with them is none. */
export function followFieldPath(path: string, root: JsonSchema, allowsBrackets: boolean): FieldPathResult {
  let schema: JsonSchema | undefined = root;
  let written = "";
  let first = "";
  const tokens = tokenize(path);
  while (tokens.length > 0) {
    const step = readStep(tokens, allowsBrackets);
    if ("problem" in step) return { found: false, problem: step.problem };
    const isNamed: boolean = schema?.properties !== undefined;
    if (!isNamed && schema?.additionalProperties === undefined) return notAField;
    const next: JsonSchema | undefined = isNamed ? propertyOf(schema!, step.name) : additionalOf(schema!);
    if (isNamed && !next) return notAField;
    if (first === "") first = step.name;
    written += isNamed ? `${written === "" ? "" : "."}${step.name}` : `[${step.name}]`;
    schema = next;
  }
  return { found: true, path: written, first, schema };
}

const notAField: FieldPathResult = { found: false, problem: "does not refer to a valid field" };
const unexpectedEnd = { problem: "unexpected end of JSON path" };

function readStep(tokens: string[], allowsBrackets: boolean): { name: string } | { problem: string } {
  const token = tokens.shift()!;
  if (token === ".") {
    const name = tokens.shift();
    return name === undefined ? unexpectedEnd : { name };
  }
  if (token !== "[") return { problem: `expected [ or . but got: ${token}` };
  if (!allowsBrackets) return { problem: "array notation is not allowed" };
  const quoted = tokens.shift();
  if (quoted === undefined) return unexpectedEnd;
  if (quoted.length < 2 || !quoted.startsWith("'") || !quoted.endsWith("'")) {
    return { problem: `expected single quoted string but got ${quoted}` };
  }
  const close = tokens.shift();
  if (close === undefined) return unexpectedEnd;
  if (close !== "]") return { problem: `expected ] but got ${close}` };
  return { name: quoted.slice(1, -1).replace(/\\(.)/g, "$1") };
}

/** Dots, brackets, quoted texts, and whatever lies between. */
function tokenize(path: string): string[] {
  return path.match(/[.[\]]|'(?:[^'\\]|\\.)*'|[^.[\]]+/g) ?? [];
}
