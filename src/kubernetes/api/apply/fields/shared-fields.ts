// Sets of fields that many objects have alike are kept once: a hundred thousand pods of one controller need one set between
// them, not one each.

import type { Schema } from "../../schema.ts";
import type { Manager } from "../managed-fields.ts";
import type { FieldSet } from "./field-set.ts";

/** By kind and manager: the set seen last, to share with. */
const lastSeen = new WeakMap<Schema, Map<string, FieldSet>>();
/** Clients choose managers' names, so the number remembered for one kind is bounded. */
const mostManagers = 500;

/** An equal set, sharing all it can with what the same manager last owned of an object of this kind. */
export function shareFields(manager: Omit<Manager, "fields">, fields: FieldSet, schema: Schema): FieldSet {
  let byManager = lastSeen.get(schema);
  if (!byManager) {
    byManager = new Map();
    lastSeen.set(schema, byManager);
  }
  const key = `${manager.operation}/${manager.subresource}/${manager.name}`;
  const last = byManager.get(key);
  const shared = last ? shareNodes(fields, last) : fields;
  if (shared === last) return shared;
  if (byManager.size >= mostManagers) byManager.clear();
  byManager.set(key, shared);
  return shared;
}

/** `known` where the two are equal; else the node with those of its children replaced that are. */
function shareNodes(node: FieldSet, known: FieldSet): FieldSet {
  if (node === known) return known;
  let result: { [element: string]: FieldSet } | undefined;
  let alike = 0;
  let elements = 0;
  for (const element in node) {
    elements++;
    const mine = node[element]!;
    const other = known[element];
    if (other === undefined) continue;
    const shared = shareNodes(mine, other);
    if (shared === other) alike++;
    if (shared === mine) continue;
    result ??= { ...node };
    result[element] = shared;
  }
  if (alike === elements && countElements(known) === elements) return known;
  return result ?? node;
}

function countElements(node: FieldSet): number {
  let count = 0;
  for (const _ in node) count++;
  return count;
}
