// The functions Stage templates may call: Go's own, the most used of sprig, and KWOK's.

import { isTruthy, type TemplateFunctions, toText, type Value } from "./scope.ts";

type Basic = string | number | boolean | undefined | null;

const equal = (a: Value, b: Value) => (a ?? undefined) === (b ?? undefined);

function order(a: Value, b: Value): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : Number(a > b);
  throw new Error("template: incompatible types for comparison");
}

function indexOf(value: Value, ...keys: readonly Value[]): Value {
  let found = value;
  for (const key of keys) {
    if (Array.isArray(found)) {
      if (typeof key !== "number" || key < 0 || key >= found.length) {
        throw new Error(`template: error calling index: index out of range: ${toText(key)}`);
      }
      found = found[key];
    } else if (typeof found === "object" && found !== null) {
      found = (found as Readonly<Record<string, Value>>)[String(key)];
    } else {
      throw new Error("template: error calling index: index of untyped nil");
    }
  }
  return found;
}

function lengthOf(value: Value): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (typeof value === "object" && value !== null) return Object.keys(value).length;
  throw new Error("template: error calling len: len of nil pointer");
}

/** The verbs %s %v %d %q %t and %%. */
function printf(format: Value, ...args: readonly Value[]): string {
  let next = 0;
  return String(format).replace(/%([svdqt%])/g, (_, verb: string) => {
    if (verb === "%") return "%";
    const value = args[next++];
    return verb === "q" ? JSON.stringify(toText(value)) : toText(value);
  });
}

const go: TemplateFunctions = {
  eq: (first, ...others) => others.some((other) => equal(first, other)),
  ne: (a, b) => !equal(a, b),
  lt: (a, b) => order(a, b) < 0,
  le: (a, b) => order(a, b) <= 0,
  gt: (a, b) => order(a, b) > 0,
  ge: (a, b) => order(a, b) >= 0,
  not: (value) => !isTruthy(value),
  index: (value, ...keys) => indexOf(value, ...keys),
  len: lengthOf,
  print: (...values) => values.map(toText).join(""),
  printf: (format, ...args) => printf(format, ...args),
};

const text = (value: Value) => (value === undefined || value === null ? "" : toText(value));
const numberOf = (value: Value) => Number(value as Basic) || 0;

function indent(width: Value, value: Value): string {
  const pad = " ".repeat(numberOf(width));
  return pad + text(value).replaceAll("\n", `\n${pad}`);
}

const sprig: TemplateFunctions = {
  dict: (...pairs) => {
    const entries: [string, Value][] = [];
    for (let i = 0; i + 1 < pairs.length; i += 2) entries.push([text(pairs[i]), pairs[i + 1]]);
    return Object.fromEntries(entries);
  },
  list: (...values) => values,
  default: (fallback, value) => (isTruthy(value) ? value : fallback),
  coalesce: (...values) => values.find(isTruthy),
  empty: (value) => !isTruthy(value),
  ternary: (yes, no, condition) => (isTruthy(condition) ? yes : no),
  hasKey: (map, key) => typeof map === "object" && map !== null && text(key) in map,
  get: (map, key) => (isTruthy(map) ? indexOf(map, key) : "") ?? "",
  first: (list) => (Array.isArray(list) ? list[0] : undefined),
  last: (list) => (Array.isArray(list) ? list.at(-1) : undefined),
  join: (separator, list) => (Array.isArray(list) ? list.map(text).join(text(separator)) : text(list)),
  quote: (...values) => values.map((value) => JSON.stringify(text(value))).join(" "),
  squote: (...values) => values.map((value) => `'${text(value)}'`).join(" "),
  upper: (value) => text(value).toUpperCase(),
  lower: (value) => text(value).toLowerCase(),
  trim: (value) => text(value).trim(),
  trimPrefix: (prefix, value) =>
    text(value).startsWith(text(prefix)) ? text(value).slice(text(prefix).length) : value,
  trimSuffix: (suffix, value) =>
    text(suffix) !== "" && text(value).endsWith(text(suffix)) ? text(value).slice(0, -text(suffix).length) : value,
  replace: (from, to, value) => text(value).replaceAll(text(from), text(to)),
  contains: (part, value) => text(value).includes(text(part)),
  hasPrefix: (prefix, value) => text(value).startsWith(text(prefix)),
  hasSuffix: (suffix, value) => text(value).endsWith(text(suffix)),
  toString: text,
  int: (value) => Math.trunc(numberOf(value)),
  add: (...values) => values.reduce<number>((sum, value) => sum + numberOf(value), 0),
  add1: (value) => numberOf(value) + 1,
  sub: (a, b) => numberOf(a) - numberOf(b),
  mul: (...values) => values.reduce<number>((product, value) => product * numberOf(value), 1),
  div: (a, b) => Math.trunc(numberOf(a) / numberOf(b)),
  mod: (a, b) => numberOf(a) % numberOf(b),
  max: (...values) => Math.max(...values.map(numberOf)),
  min: (...values) => Math.min(...values.map(numberOf)),
  indent,
  nindent: (width, value) => `\n${indent(width, value)}`,
  toJson: (value) => JSON.stringify(value ?? null),
  fromJson: (value) => JSON.parse(text(value)) as Value,
};

/** As KWOK: a text in quotes, whatever it was. */
function quoteJson(value: Value): string {
  const json = JSON.stringify(value ?? null);
  return json.startsWith('"') ? json : JSON.stringify(json);
}

/** JSON is YAML; it only has to stand further in than what it belongs to. */
function yaml(value: Value, levels?: Value): string {
  const json = JSON.stringify(value ?? null);
  return numberOf(levels) > 0 ? `\n${" ".repeat(numberOf(levels) * 2)}${json}` : json;
}

const kwok: TemplateFunctions = { Quote: quoteJson, YAML: yaml };

/** All that do not depend on where the template runs. */
export const templateFunctions: TemplateFunctions = { ...go, ...sprig, ...kwok };
