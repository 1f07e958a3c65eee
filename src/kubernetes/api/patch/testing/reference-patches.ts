// The patches once more, as simply as their specifications say them and without regard to speed or wording: what the fast
// implementations are held against. Values are copied all the time; refusals are `undefined`.

import type { Schema } from "../../schema.ts";

type Json = unknown;
type Fields = Record<string, Json>;

function isFields(value: Json): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** RFC 7386, section 2; but that json-patch takes nulls out of records in lists, too, where there was no record before. */
export function referenceMergePatch(target: Json, patch: Json): Json {
  if (!isFields(target)) return withoutNulls(patch);
  if (!isFields(patch)) return structuredClone(patch);
  const result: Fields = structuredClone(target);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = referenceMergePatch(result[key], value);
  }
  return result;
}

export interface Operation {
  readonly op: "add" | "remove" | "replace" | "move" | "copy" | "test";
  readonly path: string;
  readonly from?: string;
  readonly value?: Json;
}

/** RFC 6902, with pointers into records and lists that are there; undefined where an operation does not apply. */
export function referenceJsonPatch(document: Json, operations: readonly Operation[]): Json | undefined {
  let root = structuredClone(document);
  for (const { op, path, from = "", value } of operations) {
    const source = op === "move" || op === "copy" ? sourceOf(root, op, split(from)) : value;
    if (source === absent && op !== "remove" && op !== "test") return undefined;
    if (op === "move") root = change(root, split(from), () => removed);
    if (root === failed) return undefined;
    if (op === "test") {
      const actual = read(root, split(path));
      // json-patch takes what is not there for null, as long as there is something to look in.
      const found = actual === absent ? null : actual;
      if (!canHold(read(root, split(path).slice(0, -1))) || !isIndexRight(root, split(path))) return undefined;
      if (JSON.stringify(sorted(found)) !== JSON.stringify(sorted(value))) return undefined;
      continue;
    }
    const edit = op === "remove" ? () => removed : () => structuredClone(source);
    root = change(root, split(path), edit, op === "replace" || op === "remove" ? op : "add");
    if (root === failed) return undefined;
  }
  return root;
}

/** json-patch copies null from where a record has nothing. */
function sourceOf(root: Json, op: "move" | "copy", path: readonly string[]): Json {
  const found = read(root, path);
  const isMissingKey = found === absent && isFields(read(root, path.slice(0, -1)));
  return op === "copy" && isMissingKey ? null : found;
}

const absent = Symbol("nothing there");
const removed = Symbol("to be removed");
const failed = Symbol("does not apply");

function split(pointer: string): string[] {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function read(value: Json, path: readonly string[]): Json {
  for (const part of path) {
    if (Array.isArray(value))
      value = /^(0|[1-9]\d*)$/.test(part) && Number(part) < value.length ? value[Number(part)] : absent;
    else if (isFields(value) && Object.hasOwn(value, part)) value = value[part];
    else return absent;
  }
  return value;
}

function canHold(value: Json): boolean {
  return isFields(value) || Array.isArray(value);
}

/** A list is only asked for items it has. */
function isIndexRight(root: Json, path: readonly string[]): boolean {
  return !Array.isArray(read(root, path.slice(0, -1))) || read(root, path) !== absent;
}

function change(
  value: Json,
  path: readonly string[],
  edit: () => Json,
  how: "add" | "remove" | "replace" = "remove",
): Json {
  const [part, ...rest] = path;
  if (part === undefined) return failed;
  if (Array.isArray(value)) return changeList(value, part, rest, edit, how);
  if (!isFields(value)) return failed;
  if (rest.length > 0) {
    const inner = Object.hasOwn(value, part) ? change(value[part], rest, edit, how) : failed;
    return inner === failed ? failed : { ...value, [part]: inner };
  }
  // json-patch lets replace add a key that is not there.
  if (how === "remove" && !Object.hasOwn(value, part)) return failed;
  const edited = edit();
  if (edited !== removed) return { ...value, [part]: edited };
  const { [part]: _, ...others } = value;
  return others;
}

function changeList(
  list: readonly Json[],
  part: string,
  rest: readonly string[],
  edit: () => Json,
  how: "add" | "remove" | "replace",
): Json {
  const isEnd = part === "-" && how === "add" && rest.length === 0;
  const index = isEnd ? list.length : /^\d+$/.test(part) ? Number(part) : -1;
  const most = how === "add" && rest.length === 0 ? list.length : list.length - 1;
  if (!Number.isInteger(index) || index < 0 || index > most) return failed;
  if (rest.length > 0) {
    const inner = change(list[index], rest, edit, how);
    return inner === failed ? failed : list.with(index, inner);
  }
  if (how === "remove") return list.toSpliced(index, 1);
  return how === "replace" ? list.with(index, edit()) : list.toSpliced(index, 0, edit());
}

/** The merging rules of strategic merge patches. What order lists come out in is not said here: see `unordered`. */
export function referenceStrategicMerge(target: Json, patch: Fields, schema: Schema): Fields {
  if (patch["$patch"] === "delete") return {};
  const { $patch, $retainKeys: retained, ...fields } = patch;
  if ($patch === "replace") return structuredClone(fields);
  const result: Fields = isFields(target) ? structuredClone(target) : {};
  if (Array.isArray(retained)) for (const key of Object.keys(result)) if (!retained.includes(key)) delete result[key];
  for (const [key, value] of Object.entries(fields)) {
    const [, gone] = /^\$deleteFromPrimitiveList\/(.*)$/.exec(key) ?? [];
    if (gone !== undefined) {
      if (Array.isArray(result[gone])) result[gone] = result[gone].filter((item) => !(value as Json[]).includes(item));
    } else {
      const merged = value === null ? undefined : mergeField(result[key], value, schema, key);
      if (merged === undefined) delete result[key];
      else result[key] = merged;
    }
  }
  return result;
}

function mergeField(current: Json, value: Json, schema: Schema, key: string): Json {
  const field = schema.kind === "object" ? schema.fields.get(key) : undefined;
  const inner: Schema | undefined = schema.kind === "map" ? schema.values : field?.schema;
  if (inner && isFields(current) && isFields(value)) {
    if (field?.patch?.strategies.includes("replace")) return structuredClone(value);
    return referenceStrategicMerge(current, value, inner);
  }
  const merges = field?.patch?.strategies.includes("merge");
  if (inner?.kind === "list" && merges && Array.isArray(current) && Array.isArray(value)) {
    return mergeItems(current, value, inner.items, field?.patch?.mergeKey ?? "");
  }
  return hasDirective(value) ? undefined : withoutDirectives(withoutNulls(value));
}

function mergeItems(current: readonly Json[], patch: readonly Json[], items: Schema, mergeKey: string): Json[] {
  if (mergeKey === "") return [...new Set([...current, ...patch])];
  const keyed = (item: Json) => (item as Fields)[mergeKey];
  if (patch.some((item) => (item as Fields)["$patch"] === "replace")) {
    return patch.filter((item) => !("$patch" in (item as Fields)));
  }
  const deleted = patch.filter((item) => (item as Fields)["$patch"] === "delete").map(keyed);
  const result = current.filter((item) => !deleted.includes(keyed(item)));
  for (const item of patch as Fields[]) {
    if ("$patch" in item) continue;
    const at = result.findIndex((each) => keyed(each) === keyed(item));
    if (at < 0) result.push(item);
    else result[at] = referenceStrategicMerge(result[at], item, items);
  }
  return result;
}

function hasDirective(value: Json): boolean {
  return isFields(value) && "$patch" in value;
}

/** What is new to the target has nothing that could be replaced or deleted. */
function withoutDirectives(value: Json): Json {
  if (Array.isArray(value)) return value.filter((item) => !hasDirective(item)).map(withoutDirectives);
  if (!isFields(value)) return value;
  const kept = Object.entries(value).filter(([, field]) => !hasDirective(field));
  return Object.fromEntries(kept.map(([key, field]) => [key, withoutDirectives(field)]));
}

function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isFields(value)) return value;
  const kept = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(kept.map(([key, field]) => [key, withoutNulls(field)]));
}

/** The value with the items of every list, and the fields of every record, in one order. */
export function unordered(value: Json): Json {
  const inOrder = sorted(value);
  if (!Array.isArray(inOrder)) {
    if (!isFields(inOrder)) return inOrder;
    return Object.fromEntries(Object.entries(inOrder).map(([key, field]) => [key, unordered(field)]));
  }
  const texts = inOrder.map((item) => JSON.stringify(unordered(item)));
  return texts.sort().map((text) => JSON.parse(text) as Json);
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isFields(value)) return value ?? null;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
