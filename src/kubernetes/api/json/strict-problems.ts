// Walks over a JSON text known to be well formed and lists what strict decoding minds: fields that occur twice and, given a
// schema, fields it does not know; in the text's order and upstream's words. Slow, and only called where a problem is likely.

import { quote } from "../go-format.ts";
import type { Schema } from "../schema.ts";

/** Upstream stops counting here. */
export const mostStrictProblems = 100;

/** What strict decoding minds in `text`; without a schema, duplicates everywhere. */
export function listStrictProblems(text: string, schema?: Schema): string[] {
  const problems = new Set<string>();
  walkValue({ text, at: 0, problems }, schema, undefined);
  return [...problems].slice(0, mostStrictProblems);
}

interface Walk {
  readonly text: string;
  at: number;
  readonly problems: Set<string>;
}

/** Inside this, nothing is reported: the value of an unknown field, or one that decodes itself. */
const unseen: Schema = { kind: "scalar", type: "string" };

function walkValue(walk: Walk, schema: Schema | undefined, path: string | undefined): void {
  skipSpace(walk);
  const character = walk.text[walk.at];
  if (character === "{") walkObject(walk, schema, path);
  else if (character === "[") walkList(walk, schema, path);
  else if (character === '"') readString(walk);
  else {
    scalarEnd.lastIndex = walk.at;
    walk.at = scalarEnd.exec(walk.text)?.index ?? walk.text.length;
  }
}

const scalarEnd = /[,\]}\s]|$/g;

function walkObject(walk: Walk, schema: Schema | undefined, path: string | undefined): void {
  const seen = new Set<string>();
  for (const key of membersOf(walk, "}")) {
    const keyPath = path === undefined ? key : `${path}.${key}`;
    const value = fieldSchema(schema, key);
    if (value === "unknown") walk.problems.add(`unknown field ${quote(keyPath)}`);
    else if (schema !== unseen && seen.has(key)) walk.problems.add(`duplicate field ${quote(keyPath)}`);
    seen.add(key);
    walkValue(walk, value === "unknown" ? unseen : value, keyPath);
  }
}

function walkList(walk: Walk, schema: Schema | undefined, path = ""): void {
  const items = schema === undefined || schema.kind === "list" ? schema?.items : unseen;
  let index = 0;
  for (const _item of membersOf(walk, "]")) walkValue(walk, items, `${path}[${index++}]`);
}

/** Stands before each value of an object or list in turn, and answers the key of an object's. */
function* membersOf(walk: Walk, end: "}" | "]"): Generator<string> {
  walk.at++;
  skipSpace(walk);
  while (walk.text[walk.at] !== end) {
    let key = "";
    if (end === "}") {
      key = readString(walk);
      skipSpace(walk);
      walk.at++;
    }
    yield key;
    skipSpace(walk);
    if (walk.text[walk.at] === ",") walk.at++;
    skipSpace(walk);
  }
  walk.at++;
}

/** The schema of a field's value; undefined: anything, with duplicates reported. */
function fieldSchema(schema: Schema | undefined, key: string): Schema | "unknown" | undefined {
  switch (schema?.kind) {
    case "object":
      return schema.fields.get(key)?.schema ?? (schema.preserveUnknown ? undefined : "unknown");
    case "map":
      return schema.values;
    case undefined:
      return undefined;
    default:
      return unseen;
  }
}

function readString(walk: Walk): string {
  const start = walk.at;
  let end = walk.text.indexOf('"', start + 1);
  while (isEscaped(walk.text, end)) end = walk.text.indexOf('"', end + 1);
  walk.at = end + 1;
  return JSON.parse(walk.text.slice(start, walk.at)) as string;
}

/** An odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === "\\") backslashes++;
  return backslashes % 2 === 1;
}

function skipSpace(walk: Walk): void {
  while (" \t\r\n".includes(walk.text[walk.at] ?? "x")) walk.at++;
}
