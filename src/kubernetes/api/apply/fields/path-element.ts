// The steps of a field's path as FieldsV1 spells them: "f:name" a field, 'k:{"name":"c"}' a list item by its keys, 'v:"x"' an
// item of a set, "i:3" an item by its place. Spelt canonically, so that equal steps are equal strings.

import { marshalGo, quote } from "../../go-format.ts";
import { printGoNumber } from "../../go-print.ts";
import { isObject } from "../../patch/json-value.ts";

/** A step taken apart. The fields of a key are sorted by name. */
export type PathElement =
  | { readonly type: "field"; readonly name: string }
  | { readonly type: "key"; readonly fields: readonly (readonly [name: string, value: unknown])[] }
  | { readonly type: "value"; readonly value: unknown }
  | { readonly type: "index"; readonly index: number };

/** What a client sent is no step; the message says why. */
export class PathElementError extends Error {
  override readonly name = "PathElementError";
}

const mostCached = 20_000;
const fieldElements = new Map<string, string>();
const decoded = new Map<string, PathElement>();

/** "f:name"; remembered, since making and hashing such strings is what field sets cost most. */
export function fieldElement(name: string): string {
  let element = fieldElements.get(name);
  if (element === undefined) {
    element = `f:${name}`;
    remember(fieldElements, name, element);
  }
  return element;
}

/** 'k:{"name":"c"}'; the fields must be sorted by name. */
export function keyElement(fields: readonly (readonly [name: string, value: unknown])[]): string {
  let text = "k:{";
  for (const [index, [name, value]] of fields.entries()) {
    text += `${index === 0 ? "" : ","}${encodeScalar(name)}:${encodeScalar(value)}`;
  }
  return `${text}}`;
}

/** 'v:"x"'. */
export function valueElement(value: unknown): string {
  return `v:${encodeScalar(value)}`;
}

export function indexElement(index: number): string {
  return `i:${index}`;
}

/** The canonical spelling. */
export function encodeElement(element: PathElement): string {
  if (element.type === "field") return fieldElement(element.name);
  if (element.type === "key") return keyElement(element.fields);
  return element.type === "value" ? valueElement(element.value) : indexElement(element.index);
}

/** Takes a spelling apart; undefined for a type of step this version does not know. Throws PathElementError. */
export function decodeElement(text: string): PathElement | undefined {
  const known = decoded.get(text);
  if (known) return known;
  if (text.length < 2) throw new PathElementError("key must be 2 characters long:");
  if (text[1] !== ":") throw new PathElementError(`missing colon: ${text}`);
  const element = decodeBody(text[0], text.slice(2));
  if (element) remember(decoded, text, element);
  return element;
}

/** The order of steps in FieldsV1 and in messages: fields, keys, values, indices; each by what it holds. */
export function compareElements(a: string, b: string): number {
  if (a === b) return 0;
  const first = a.charCodeAt(0);
  if (first === b.charCodeAt(0) && first === fieldCode) return a < b ? -1 : 1;
  return compareDecoded(decodeElement(a), decodeElement(b));
}

/** A step as messages show it: .name, [name="c"], [="x"], [3]. */
export function describeElement(text: string): string {
  const element = decodeElement(text);
  if (!element) return "{{invalid path element}}";
  switch (element.type) {
    case "field":
      return `.${element.name}`;
    case "key":
      return `[${element.fields.map(([name, value]) => `${name}=${describeValue(value)}`).join(",")}]`;
    case "value":
      return `[=${describeValue(element.value)}]`;
    case "index":
      return `[${element.index}]`;
  }
}

const fieldCode = "f".charCodeAt(0);
const ranks = { field: 0, key: 1, value: 2, index: 3 } as const;

function compareDecoded(a: PathElement | undefined, b: PathElement | undefined): number {
  if (!a || !b) return 0;
  if (a.type !== b.type) return ranks[a.type] - ranks[b.type];
  if (a.type === "key" && b.type === "key") return compareKeys(a.fields, b.fields);
  if (a.type === "value" && b.type === "value") return compareScalars(a.value, b.value);
  if (a.type === "index" && b.type === "index") return a.index - b.index;
  return 0;
}

type KeyFields = Extract<PathElement, { type: "key" }>["fields"];

function compareKeys(a: KeyFields, b: KeyFields): number {
  for (const [index, [name, value]] of a.entries()) {
    const other = b[index];
    if (!other) return 1;
    if (name !== other[0]) return name < other[0] ? -1 : 1;
    const order = compareScalars(value, other[1]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Numbers before strings before booleans before everything else. */
function compareScalars(a: unknown, b: unknown): number {
  const rank = rankOfType(a) - rankOfType(b);
  if (rank !== 0 || a === b) return rank;
  if (typeof a === "object") return encodeScalar(a) < encodeScalar(b) ? -1 : 1;
  return (a as string) < (b as string) ? -1 : 1;
}

function rankOfType(value: unknown): number {
  if (typeof value === "number" || typeof value === "bigint") return 0;
  return typeof value === "string" ? 1 : typeof value === "boolean" ? 2 : 3;
}

function decodeBody(type: string | undefined, body: string): PathElement | undefined {
  switch (type) {
    case "f":
      return { type: "field", name: body };
    case "v":
      return { type: "value", value: parseJson(body) };
    case "k":
      return { type: "key", fields: parseKeyFields(body) };
    case "i":
      if (!/^[+-]?\d+$/.test(body)) {
        throw new PathElementError(`strconv.Atoi: parsing ${quote(body)}: invalid syntax`);
      }
      return { type: "index", index: Number(body) };
    default:
      return undefined;
  }
}

function parseKeyFields(body: string): KeyFields {
  const fields = parseJson(body);
  if (!isObject(fields)) throw new PathElementError(`expect { or n, but found ${body.slice(0, 1)}`);
  return Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PathElementError((error as Error).message);
  }
}

/** Plain text needs neither JSON's escapes nor Go's. */
const plain = /^[ !#-%'-;=?-[\]-~]*$/;

function encodeScalar(value: unknown): string {
  if (typeof value === "string" && plain.test(value)) return `"${value}"`;
  return marshalGo(value);
}

function describeValue(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") return printGoNumber(value, "float64");
  if (Array.isArray(value)) return `[${value.map(describeValue).join(",")}]`;
  if (isObject(value)) {
    const fields = Object.entries(value).map(([key, field]) => `${key}=${describeValue(field)}`);
    return fields.join("");
  }
  return String(value);
}

/** Bounded: what clients invent must not stay for ever. */
function remember<T>(cache: Map<string, T>, key: string, value: T): void {
  if (cache.size >= mostCached) cache.clear();
  cache.set(key, value);
}
