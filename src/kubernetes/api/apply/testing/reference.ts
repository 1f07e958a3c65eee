// Comparing, merging and listing fields once more, as simply as the rules can be said and without regard to speed: what the
// fast implementation is held against. A set of fields is a set of paths; a path is a list of elements joined by newlines.

import type { ListSchema, Schema } from "../../schema.ts";
import type { FieldSet } from "../fields/field-set.ts";

type Json = Record<string, unknown>;

/** What stands at a path. */
interface Place {
  /** Owned as one: a scalar, something atomic, an item that occurs twice. */
  readonly whole: boolean;
  /** A record or list without anything in it, or null in its stead. */
  readonly empty: boolean;
  /** The value as text, fields in order. */
  readonly text: string;
}

/** Paths written and removed between two objects. */
export function referenceCompare(from: Json, to: Json, schema: Schema): { written: string[]; removed: string[] } {
  const before = placesOf(from, schema);
  const after = placesOf(to, schema);
  const written = new Set<string>();
  const removed = new Set<string>();
  for (const [path, place] of after) {
    const old = before.get(path);
    if (!old || (isTwice(old) && !isTwice(place))) written.add(path);
    else if (old.text !== place.text && (place.whole || old.whole || (place.empty && old.empty))) written.add(path);
  }
  for (const [path, place] of before) {
    const now = after.get(path);
    if (!now || isTwice(now) !== isTwice(place)) removed.add(path);
  }
  // What comes out of, or goes into, items that occur twice is new, or gone, altogether: its inside has no place on one side.
  return { written: [...written].sort(), removed: [...removed].sort() };
}

/** The fields an object claims. */
export function referenceFields(object: Json, schema: Schema): string[] {
  const paths = new Set<string>();
  for (const [path, place] of placesOf(object, schema)) {
    const isItem = /(^|\n)[kv]:[^\n]*$/.test(path);
    const isEntry = !isNamed(path, schema);
    const isEmptyRecord = place.empty && place.text !== "[]";
    if (place.whole || isItem || isEntry || isEmptyRecord) paths.add(path);
  }
  return [...paths].sort();
}

/** The live object with the applied one laid over it; neither may hold items twice. */
export function referenceMerge(live: unknown, applied: unknown, schema: Schema): unknown {
  if (applied === undefined) return live;
  if (live === undefined || kindAt(applied, schema) === "whole") return applied;
  if (kindAt(applied, schema) === "items") return mergeItems(live, applied, schema as ListSchema);
  const [before, wished] = [asRecord(live), asRecord(applied)];
  if (Object.keys(before).length === 0 && Object.keys(wished).length === 0) return applied;
  const names = new Set([...Object.keys(before), ...Object.keys(wished)]);
  return Object.fromEntries(
    [...names].map((name) => [name, referenceMerge(before[name], wished[name], schemaAt(schema, name))]),
  );
}

/** The paths of a FieldSet, for comparison. */
export function pathsIn(set: FieldSet, prefix: string[] = []): string[] {
  return Object.entries(set)
    .flatMap(([element, node]) => {
      if (element === ".") return [];
      const path = [...prefix, element];
      const member = "." in node || Object.keys(node).length === 0;
      return [...(member ? [path.join("\n")] : []), ...pathsIn(node, path)];
    })
    .sort();
}

/** Every place of an object but its root. */
function placesOf(object: Json, schema: Schema): Map<string, Place> {
  const places = new Map<string, Place>();
  const visit = (value: unknown, at: Schema, path: readonly string[]): void => {
    const kind = kindAt(value, at);
    const inside = kind === "record" ? Object.keys(asRecord(value)).length : asItems(value).length;
    if (path.length > 0) {
      const whole = kind === "whole";
      places.set(path.join("\n"), { whole, empty: !whole && inside === 0, text: textOf(value) });
    }
    if (kind === "record") {
      for (const [name, field] of Object.entries(asRecord(value))) {
        visit(field, schemaAt(at, name), [...path, `f:${name}`]);
      }
    } else if (kind === "items") {
      visitItems(asItems(value), at as ListSchema, path);
    }
  };
  const visitItems = (items: readonly unknown[], list: ListSchema, path: readonly string[]): void => {
    const elements = items.map((item) => elementOf(item, list));
    for (const [index, item] of items.entries()) {
      const element = elements[index]!;
      const twins = items.filter((_, other) => elements[other] === element);
      if (twins.length === 1) visit(item, list.items, [...path, element]);
      else places.set([...path, element].join("\n"), { whole: true, empty: false, text: `twice ${textOf(twins)}` });
    }
  };
  visit(object, schema, []);
  return places;
}

function mergeItems(live: unknown, applied: unknown, list: ListSchema): unknown {
  const [before, wished] = [asItems(live), asItems(applied)];
  if (before.length === 0 && wished.length === 0) return applied;
  const elementsBefore = before.map((item) => elementOf(item, list));
  const elements = wished.map((item) => elementOf(item, list));
  const merged: unknown[] = [];
  let reached = 0;
  /** Live items not named in the configuration, up to the given one. */
  const takeLive = (until: string | undefined): void => {
    while (reached < before.length && elementsBefore[reached] !== until) {
      if (!elements.includes(elementsBefore[reached]!)) merged.push(before[reached]);
      reached++;
    }
  };
  for (const [index, item] of wished.entries()) {
    const nextShared = elements.slice(index).find((element) => elementsBefore.includes(element));
    // A shared item whose turn came too late lies behind: nothing is left to take up to it.
    takeLive(elementsBefore.indexOf(nextShared ?? "") >= reached ? nextShared : undefined);
    const twin = elementsBefore.indexOf(elements[index]!);
    merged.push(referenceMerge(twin < 0 ? undefined : before[twin], item, list.items));
    if (twin === reached) reached++;
  }
  takeLive(undefined);
  return merged;
}

function isTwice(place: Place): boolean {
  return place.text.startsWith("twice ");
}

/** Whether a path's last step is a field its schema names. */
function isNamed(path: string, schema: Schema): boolean {
  const steps = path.split("\n");
  let at = schema;
  for (const step of steps.slice(0, -1)) {
    at = at.kind === "list" ? at.items : schemaAt(at, step.slice(2));
  }
  return at.kind === "object" && at.fields.has(steps.at(-1)!.slice(2));
}

function kindAt(value: unknown, schema: Schema): "whole" | "record" | "items" {
  if (schema.kind === "scalar") return "whole";
  if (schema.kind === "any") {
    const isRecord = value === null || (typeof value === "object" && !Array.isArray(value));
    return isRecord && !schema.name.endsWith(".RawExtension") ? "record" : "whole";
  }
  if (schema.structure === "atomic") return "whole";
  return schema.kind === "list" ? "items" : "record";
}

function schemaAt(schema: Schema, name: string): Schema {
  const anything: Schema = { kind: "any", shape: "any", name: "" };
  if (schema.kind === "object") return schema.fields.get(name)?.schema ?? anything;
  return schema.kind === "map" ? schema.values : anything;
}

function elementOf(item: unknown, list: ListSchema): string {
  if (list.keys.length === 0) return `v:${goJson(item)}`;
  const fields = list.items.kind === "object" ? list.items.fields : new Map();
  const keys = list.keys.toSorted().map((key) => [key, asRecord(item)[key] ?? fields.get(key)?.default]);
  return `k:${goJson(Object.fromEntries(keys.filter(([, value]) => value !== undefined)))}`;
}

/** Go's JSON escapes angle brackets. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c").replaceAll(">", "\\u003e");
}

function asRecord(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function asItems(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
