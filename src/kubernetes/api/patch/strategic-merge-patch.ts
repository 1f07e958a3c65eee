// Strategic merge patch (apimachinery's util/strategicpatch): a JSON merge patch that knows which lists merge and by which
// key, with directives. Objects here, lists in strategic-merge-list.ts.

import type { ObjectSchema, Schema } from "../schema.ts";
import { badRequest } from "../status-error.ts";
import { isObject, type JsonObject, setKey, valueAt } from "./json-value.ts";
import { jsonKindOf, unprocessablePatch } from "./patch-errors.ts";
import { itemSchemaOf, patchFieldOf } from "./patch-metadata.ts";
import { badPatchType, directive, listOfLists, withoutDirectives, withoutNullFields } from "./strategic-directives.ts";
import {
  badArgument,
  badOrder,
  checkAgainstOrder,
  deleteFromList,
  type MergeItem,
  mergeList,
  orderList,
} from "./strategic-merge-list.ts";

const badPrimitiveList = "invalid patch format of primitive list";
const badElementOrder = "invalid patch format of setElementOrder list";
const badRetainKeys = "invalid patch format of retainKeys";

/**
 * The target with the patch merged in, by the schema's strategies and merge keys and the patch's directives ($patch,
 * $retainKeys, $setElementOrder/…, $deleteFromPrimitiveList/…). Neither argument changes; what the patch does not reach is
 * shared with the target, and a patch that changes nothing gives the target itself. Custom resources have no strategies:
 * refuse such patches with UnsupportedMediaType before. Throws upstream's errors: BadRequest and Invalid for directives that
 * make no sense, plain 500s for the rest.
 */
export function applyStrategicMergePatch(target: JsonObject, patch: unknown, schema: ObjectSchema): JsonObject {
  if (patch === null) return target;
  if (!isObject(patch)) {
    throw badRequest(`json: cannot unmarshal ${jsonKindOf(patch)} into Go value of type map[string]interface {}`);
  }
  return mergeObject(target, patch, schema);
}

function mergeObject(target: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  if (Object.hasOwn(patch, directive.patch)) return obeyPatchDirective(patch);
  const merge = new ObjectMerge(target, patch, schema);
  merge.retainKeys();
  merge.orderLists();
  merge.mergeFields();
  return merge.result;
}

function obeyPatchDirective(patch: JsonObject): JsonObject {
  const wish = patch[directive.patch];
  if (wish === "replace") {
    const { [directive.patch]: _, ...rest } = patch;
    return rest;
  }
  if (wish === "delete") return {};
  throw badPatchType(wish, patch);
}

/** One object being merged: copies the target on the first change. */
class ObjectMerge {
  #result: { [key: string]: unknown } | undefined;
  readonly #target: JsonObject;
  /** What of the patch is still to be done. */
  readonly #pending: Map<string, unknown>;
  readonly #schema: Schema;

  constructor(target: JsonObject, patch: JsonObject, schema: Schema) {
    this.#target = target;
    this.#pending = new Map(Object.entries(patch));
    this.#schema = schema;
  }

  get result(): JsonObject {
    return this.#result ?? this.#target;
  }

  /** Clears what $retainKeys does not list. */
  retainKeys(): void {
    if (!this.#pending.has(directive.retainKeys)) return;
    const listed = this.#pending.get(directive.retainKeys);
    this.#pending.delete(directive.retainKeys);
    if (!Array.isArray(listed)) throw badRequest(badRetainKeys);
    const retained = new Set<unknown>(listed);
    for (const [key, value] of this.#pending) {
      if (value === null || key.startsWith(directive.deleteFromList) || key.startsWith(directive.elementOrder))
        continue;
      if (!retained.has(key)) throw badRequest(badRetainKeys);
    }
    for (const key of Object.keys(this.result)) if (!retained.has(key)) this.#delete(key);
  }

  /** Merges the lists that have a $setElementOrder, and orders them: by that list, then the patch, then as they were. */
  orderLists(): void {
    for (const [key, order] of [...this.#pending]) {
      if (!key.startsWith(directive.elementOrder)) continue;
      this.#pending.delete(key);
      if (!Array.isArray(order)) throw badArgument("[]interface {}", order);
      this.#orderList(fieldNamedBy(key, directive.elementOrder, badElementOrder), order);
    }
  }

  #orderList(name: string, order: readonly unknown[]): void {
    const current = this.#listAt(valueAt(this.result, name));
    const patched = this.#listAt(this.#pending.get(name));
    const field = patchFieldOf(this.#schema, name);
    const items = itemSchemaOf(field.schema);
    if (patched && !checkAgainstOrder(patched, order, field.mergeKey)) throw badOrder(patched, order);
    if (!current && !patched) return;
    const merged = this.#mergeOrderedList(current, patched, field, items);
    this.#set(
      name,
      orderList(merged, order, { current, patched, mergeKey: field.mergeKey, merging: field.strategy === "merge" }),
    );
    this.#pending.delete(name);
  }

  #mergeOrderedList(
    current: readonly unknown[] | undefined,
    patched: readonly unknown[] | undefined,
    field: { strategy: string | undefined; mergeKey: string },
    items: Schema,
  ): readonly unknown[] {
    if (!patched) return current ?? [];
    if (!current) return withoutDirectives(patched) as unknown[];
    if (field.strategy !== "merge") return patched;
    return mergeList(current, patched, field.mergeKey, itemMerger(items));
  }

  #listAt(value: unknown): readonly unknown[] | undefined {
    if (value === undefined || Array.isArray(value)) return value;
    throw badArgument("[]interface {}", value);
  }

  mergeFields(): void {
    for (const [key, value] of this.#pending) {
      if (key.startsWith(directive.deleteFromList)) this.#deleteFromList(key, value);
      else this.#mergeField(key, value);
    }
  }

  #mergeField(key: string, value: unknown): void {
    const merged = value === null ? undefined : this.#mergeValue(key, value);
    if (merged === undefined) this.#delete(key);
    else this.#set(key, merged);
  }

  /** The field's new value; undefined when there is none. */
  #mergeValue(key: string, value: unknown): unknown {
    const current = valueAt(this.result, key);
    if (isObject(current) && isObject(value)) {
      const { schema, strategy } = patchFieldOf(this.#schema, key);
      return strategy === "replace" ? value : mergeObject(current, value, schema);
    }
    if (Array.isArray(current) && Array.isArray(value)) {
      const { schema, strategy, mergeKey } = patchFieldOf(this.#schema, key);
      const items = itemSchemaOf(schema);
      return strategy === "merge" ? mergeList(current, value, mergeKey, itemMerger(items)) : value;
    }
    return withoutDirectives(withoutNullFields(value));
  }

  #deleteFromList(key: string, value: unknown): void {
    const name = fieldNamedBy(key, directive.deleteFromList, badPrimitiveList);
    const current = valueAt(this.result, name);
    if (value === null) {
      this.#delete(name);
    } else if (Array.isArray(current) && Array.isArray(value)) {
      const { schema, mergeKey } = patchFieldOf(this.#schema, name);
      this.#set(name, deleteFromList(current, value, mergeKey, itemMerger(itemSchemaOf(schema))));
    }
  }

  #set(key: string, value: unknown): void {
    if (valueAt(this.result, key) === value) return;
    this.#result ??= { ...this.#target };
    setKey(this.#result, key, value);
  }

  #delete(key: string): void {
    if (!Object.hasOwn(this.result, key)) return;
    this.#result ??= { ...this.#target };
    delete this.#result[key];
  }
}

function itemMerger(schema: Schema): MergeItem {
  return (current, patch) => {
    if (schema.kind === "list") throw unprocessablePatch(listOfLists);
    return mergeObject(current, patch, schema);
  };
}

/** "$setElementOrder/containers" names "containers". */
function fieldNamedBy(key: string, prefix: string, problem: string): string {
  const slash = key.indexOf("/");
  if (slash < 0 || key.slice(0, slash) !== prefix) throw badRequest(problem);
  return key.slice(slash + 1);
}
