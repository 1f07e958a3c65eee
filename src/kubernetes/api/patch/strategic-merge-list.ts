// Lists in a strategic merge patch: merging by key or as sets, deleting from them, and the order of what comes out.

import { goTypeOf, printGo } from "../go-print.ts";
import { isObject, type JsonObject, valueAt } from "./json-value.ts";
import { unforeseen, unprocessablePatch } from "./patch-errors.ts";
import { badPatchType, directive, listOfLists, sameItems } from "./strategic-directives.ts";

/** Merges a patch's item into the item of the same key. */
export type MergeItem = (current: JsonObject, patch: JsonObject) => JsonObject;

type List = readonly unknown[];

/**
 * The current list with the patch merged in: scalars as a set, objects by merge key. Patched items keep the patch's order
 * among themselves, the others theirs; where both know two items, the current order decides. The current list itself when
 * nothing changes.
 */
export function mergeList(current: List, patch: List, mergeKey: string, mergeItem: MergeItem): List {
  if (current.length === 0 && patch.length === 0) return current;
  if (kindOfItems(current, patch) === "scalar") {
    const merged = [...new Set([...current, ...patch])];
    const result = inOrder(merged, patch, { serverOrder: current, mergeKey: undefined });
    return sameItems(result, current) ? current : result;
  }
  if (mergeKey === "") throw unforeseen("cannot merge lists without merge key for struct");
  const { base, items } = obeySpecialItems(current, patch as readonly JsonObject[], mergeKey);
  const merged = mergeByKey(base, items, mergeKey, mergeItem);
  const result = inOrder(merged, items, { serverOrder: merged.slice(0, base.length), mergeKey });
  return sameItems(result, current) ? current : result;
}

/** The current list without the given scalars. */
export function deleteFromList(current: List, gone: List, mergeKey: string, mergeItem: MergeItem): List {
  if (current.length === 0 && gone.length === 0) return current;
  if (kindOfItems(current, gone) === "object") return mergeList(current, gone, mergeKey, mergeItem);
  const deleted = new Set(gone);
  const kept = current.filter((item) => !deleted.has(item));
  return kept.length === current.length ? current : kept;
}

interface OrderContext {
  /** The list before the patch, and the patch's own list, where there are. */
  readonly current: List | undefined;
  readonly patched: List | undefined;
  readonly mergeKey: string;
  /** Whether the two lists were merged, rather than the patch's taken. */
  readonly merging: boolean;
}

/** A merged list in the order of a $setElementOrder directive; items it does not name find their place by the old order. */
export function orderList(merged: List, order: List, { current, patched, mergeKey, merging }: OrderContext): List {
  const before = current ?? [];
  const isKeyed = kindOfItems(before, patched ?? []) === "object";
  const wasMerged = isKeyed && merging && current && patched;
  const serverOrder = wasMerged ? serverOrderAfter(before, patched as readonly JsonObject[], mergeKey) : before;
  const result = inOrder(merged, order, { serverOrder, mergeKey: isKeyed ? mergeKey : undefined });
  return current && sameItems(result, current) ? current : result;
}

/**
 * The order items had before, as upstream sees it after merging: in its array, the first new items have taken the places of
 * those deleted, and so have a place in the old order.
 */
function serverOrderAfter(current: List, patch: readonly JsonObject[], mergeKey: string): List {
  const { base, items } = obeySpecialItems(current, patch, mergeKey);
  const deleted = new Set(patch.filter(isToBeDeleted).map((item) => keyOf(item, mergeKey)));
  const remaining = current.filter((item) => !deleted.has(keyOf(item as JsonObject, mergeKey)));
  if (base === patch || remaining.length === current.length) return remaining;
  const known = new Set(remaining.map((item) => keyOf(item as JsonObject, mergeKey)));
  const fresh = items.filter((item) => !known.has(keyOf(item, mergeKey)));
  return [...remaining, ...fresh.slice(0, current.length - remaining.length)];
}

/**
 * Whether the patch's items, those being deleted aside, appear in the order list and in that order. Items with another
 * directive are passed over, but, as upstream has it, not after the last item of the order list.
 */
export function checkAgainstOrder(patch: List, order: List, mergeKey: string): boolean {
  if (order.length === 0 || patch.length === 0) return true;
  if (mergeKey !== "")
    for (const item of patch) if (!isObject(item)) throw badArgument("map[string]interface {}", item);
  const wanted = mergeKey === "" ? patch : patch.filter((item) => !isToBeDeleted(item));
  let next = 0;
  for (const ordered of order) {
    while (next < wanted.length && hasDirective(wanted[next])) next++;
    if (next === wanted.length) return true;
    if (equalByKey(wanted[next], ordered, mergeKey)) next++;
  }
  return next === wanted.length;
}

export function badOrder(patch: List, order: List): Error {
  const lists = `${printGo(patch)}\n doesn't match ${directive.elementOrder} list:\n${printGo(order)}`;
  return unforeseen(`The order in patch list:\n${lists}\n`);
}

export function badArgument(expected: string, actual: unknown): Error {
  const type = actual === null || actual === undefined ? "%!s(<nil>)" : goTypeOf(actual);
  return unforeseen(`expected a ${expected}, but received a ${type}`);
}

/** Carries out items that carry $patch; what remains is merged by key. */
function obeySpecialItems(current: List, patch: readonly JsonObject[], mergeKey: string) {
  let base = current;
  let replaced = false;
  const items: JsonObject[] = [];
  for (const item of patch) {
    const wish = valueAt(item, directive.patch);
    if (wish === undefined) items.push(item);
    else if (wish === "delete") base = withoutKey(base, mergeKey, keyOf(item, mergeKey));
    else if (wish === "replace") replaced = true;
    else if (wish === "merge") throw unforeseen("merging lists cannot yet be specified in the patch");
    else throw badPatchType(wish, item);
  }
  return replaced ? { base: items as List, items: [] } : { base, items };
}

function withoutKey(list: List, mergeKey: string, value: unknown): List {
  return list.filter((item) => valueAt(item as JsonObject, mergeKey) !== value);
}

function mergeByKey(base: List, items: readonly JsonObject[], mergeKey: string, mergeItem: MergeItem): unknown[] {
  const merged = base.slice();
  const places = new Map<unknown, number>();
  for (const [index, item] of base.entries()) {
    const value = valueAt(item as JsonObject, mergeKey);
    if (!places.has(value)) places.set(value, index);
  }
  for (const item of items) {
    const value = keyOf(item, mergeKey);
    const place = places.get(value);
    if (place === undefined) places.set(value, merged.push(item) - 1);
    else merged[place] = mergeItem(merged[place] as JsonObject, item);
  }
  return merged;
}

interface Order {
  readonly serverOrder: List;
  /** undefined for lists of scalars. */
  readonly mergeKey: string | undefined;
}

/** Sorts the items the order list names by it and the others by the server's order, then weaves the two together. */
function inOrder(merged: List, order: List, { serverOrder, mergeKey }: Order): unknown[] {
  if (mergeKey !== undefined) for (const list of [merged, order, serverOrder]) checkMergeKeys(mergeKey, list);
  const identify = (item: unknown): unknown => (mergeKey === undefined ? item : valueAt(item as JsonObject, mergeKey));
  const patchRanks = ranksOf(order, identify);
  const serverRanks = ranksOf(serverOrder, identify);
  const [named, others] = partition(merged, (item) => patchRanks.has(identify(item)));
  const rankBy = (ranks: ReadonlyMap<unknown, number>) => (item: unknown) => ranks.get(identify(item)) ?? 0;
  const left = sortByRank(others, rankBy(serverRanks));
  const right = sortByRank(named, rankBy(patchRanks));
  return weave(left, right, (item) => serverRanks.get(identify(item)));
}

/** Takes from the left while the server's order puts it before the right's next item; both keep their own order. */
function weave(left: List, right: List, rank: (item: unknown) => number | undefined): unknown[] {
  const woven: unknown[] = [];
  let next = 0;
  for (const item of right) {
    const bound = rank(item);
    while (next < left.length && bound !== undefined) {
      const own = rank(left[next]);
      if (own === undefined || own >= bound) break;
      woven.push(left[next++]);
    }
    woven.push(item);
  }
  return [...woven, ...left.slice(next)];
}

/** Sorts; items to be deleted go last. */
function sortByRank(items: List, rank: (item: unknown) => number): unknown[] {
  const [deleted, kept] = partition(items, isToBeDeleted);
  return [...kept.toSorted((a, b) => rank(a) - rank(b)), ...deleted];
}

function ranksOf(list: List, identify: (item: unknown) => unknown): Map<unknown, number> {
  const ranks = new Map<unknown, number>();
  for (const [index, item] of list.entries()) {
    const identity = identify(item);
    if (!ranks.has(identity)) ranks.set(identity, index);
  }
  return ranks;
}

function partition(items: List, belongs: (item: unknown) => boolean): [yes: unknown[], no: unknown[]] {
  const yes: unknown[] = [];
  const no: unknown[] = [];
  for (const item of items) (belongs(item) ? yes : no).push(item);
  return [yes, no];
}

/** What the items of both lists are; throws when they are lists, or not all alike. */
function kindOfItems(first: List, second: List): "scalar" | "object" {
  const items = [...first, ...second];
  if (items.length === 0) throw unforeseen("no elements in any of the given slices");
  if (Array.isArray(items[0])) throw unprocessablePatch(listOfLists);
  const type = goTypeOf(items[0]);
  if (items.some((item) => goTypeOf(item) !== type)) {
    throw unforeseen(`list element types are not identical: ${printGo([first, second])}`);
  }
  return isObject(items[0]) ? "object" : "scalar";
}

function checkMergeKeys(mergeKey: string, list: List): void {
  for (const item of list) {
    if (!isObject(item)) throw badArgument("map[string]interface {}", item);
    keyOf(item, mergeKey);
  }
}

function equalByKey(a: unknown, b: unknown, mergeKey: string): boolean {
  if (mergeKey === "") return a === b;
  if (!isObject(a)) throw badArgument("map[string]interface {}", a);
  if (!isObject(b)) throw badArgument("map[string]interface {}", b);
  return keyOf(a, mergeKey) === keyOf(b, mergeKey);
}

function keyOf(item: JsonObject, mergeKey: string): unknown {
  const value = valueAt(item, mergeKey);
  if (value !== undefined) return value;
  throw unforeseen(`map: ${printGo(item)} does not contain declared merge key: ${mergeKey}`);
}

function isToBeDeleted(item: unknown): boolean {
  return isObject(item) && valueAt(item, directive.patch) === "delete";
}

function hasDirective(item: unknown): boolean {
  return isObject(item) && Object.hasOwn(item, directive.patch);
}
