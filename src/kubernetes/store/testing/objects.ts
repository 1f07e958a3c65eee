// Objects and answers in the short form the store's tests speak of them.

import assert from "node:assert/strict";
import type { KubeObject, UnknownObject } from "#kubernetes/api";
import type { Collection, PutOptions, StoredObject, StoreEvent } from "../store.ts";

/** An object that says one thing. */
export function objectOf(name: string, value = ""): KubeObject & UnknownObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data: { value } };
}

/** What an object made by objectOf says, as its bytes have it. */
export function readValue(stored: StoredObject): string {
  return parse(stored).data.value;
}

/** "key=value" */
export function show(stored: StoredObject): string {
  return `${stored.key}=${readValue(stored)}`;
}

/** "+key=value" for a new object, "~key=value" for a changed, "-key=value" for a deleted one. */
export function showEvent(event: StoreEvent): string {
  const sign = event.type === "delete" ? "-" : event.previous ? "~" : "+";
  return sign + show(event.current);
}

/** Writes over whatever is there; answers what was stored. */
export async function put(
  collection: Collection,
  key: string,
  value: string,
  options?: PutOptions,
): Promise<StoredObject> {
  const there = await collection.get(key);
  const result = await collection.put(key, objectOf(key, value), there?.revision ?? 0, options);
  assert.ok(result.written, `${key} was written by somebody else`);
  return result.stored;
}

/** Deletes what is there; answers its last state. */
export async function remove(collection: Collection, key: string): Promise<StoredObject> {
  const there = await collection.get(key);
  assert.ok(there, `${key} is not there`);
  const result = await collection.delete(key, there.revision);
  assert.ok(result.written, `${key} was written by somebody else`);
  return result.stored;
}

/** Checks that an object's parts tell the same. */
export function assertConsistent(stored: StoredObject): void {
  assert.deepEqual(parse(stored), stored.object);
  assert.equal(stored.object.metadata.resourceVersion, String(stored.revision));
  assert.equal(stored.object, stored.object, "parsed once while somebody holds it");
}

function parse(stored: StoredObject): { data: { value: string } } {
  return JSON.parse(Buffer.from(stored.bytes).toString("utf8"));
}
