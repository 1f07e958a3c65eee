// The parts of metadata the server owns: what a new object gets, what an update may not touch, and that names and namespaces in
// body and path agree.

import { randomUUID } from "node:crypto";
import { badRequest, type KubeObject, type ObjectMeta, type OwnerReference } from "#kubernetes/api";
import { type Call, warn } from "../call.ts";
import type { ServedResource } from "./resources/served-resource.ts";

/** Time as metadata has it: RFC 3339 with whole seconds. */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** What a client may not bring along to a create. */
export function wipeSystemFields(metadata: ObjectMeta): void {
  delete metadata.creationTimestamp;
  delete metadata.uid;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
}

export function fillSystemFields(metadata: ObjectMeta, now: number): void {
  metadata.uid = randomUUID();
  metadata.creationTimestamp = formatTime(now);
  if (metadata.generateName && !metadata.name) metadata.name = generateName(metadata.generateName);
}

const suffixLetters = "bcdfghjklmnpqrstvwxz2456789";
const suffixLength = 5;
const longestBase = 63 - suffixLength;

/** The base, shortened if need be, and five letters that make no words. */
export function generateName(base: string): string {
  let suffix = "";
  for (let i = 0; i < suffixLength; i++) suffix += suffixLetters[Math.floor(Math.random() * suffixLetters.length)];
  return base.slice(0, longestBase) + suffix;
}

/** Sets the namespace of the path in the object, or drops it from a cluster-scoped one. Throws BadRequest where they differ. */
export function settleNamespace(resource: ServedResource, metadata: ObjectMeta, namespace: string): void {
  const expected = resource.info.namespaced ? namespace : "";
  if (expected === "") delete metadata.namespace;
  else if (!metadata.namespace) metadata.namespace = expected;
  else if (metadata.namespace !== expected) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
}

/** Throws BadRequest where the object's name is not the path's. */
export function checkName(object: KubeObject, name: string): void {
  const given = object.metadata.name ?? "";
  if (given === "") {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (given !== name)
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
}

/** Carries over what an update may not change. `object` is the caller's, `old` is shared. */
export function keepSystemFields(object: KubeObject, old: KubeObject): void {
  const { metadata } = object;
  const before = old.metadata;
  delete metadata.selfLink;
  if (!metadata.uid && before.uid !== undefined) metadata.uid = before.uid;
  if (before.creationTimestamp !== undefined) metadata.creationTimestamp = before.creationTimestamp;
  if (before.deletionTimestamp !== undefined) metadata.deletionTimestamp = before.deletionTimestamp;
  if (before.deletionGracePeriodSeconds !== undefined && metadata.deletionGracePeriodSeconds === undefined) {
    metadata.deletionGracePeriodSeconds = before.deletionGracePeriodSeconds;
  }
}

/** Drops owner references given twice, and says so. */
export function dropDuplicateOwners(object: KubeObject, call: Call, afterAdmission: boolean): void {
  const references = object.metadata.ownerReferences;
  if (!references || references.length < 2) return;
  const kept = new Map<string, OwnerReference>();
  const duplicates: string[] = [];
  for (const reference of references) {
    const key = ownerKey(reference);
    if (kept.has(key)) duplicates.push(reference.uid);
    else kept.set(key, reference);
  }
  if (duplicates.length === 0) return;
  object.metadata.ownerReferences = [...kept.values()];
  const entries = `duplicate entries${afterAdmission ? " after mutating admission happens" : ""}`;
  warn(
    call,
    `.metadata.ownerReferences contains ${entries}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${duplicates.join(", ")}`,
  );
}

function ownerKey(reference: OwnerReference): string {
  const { apiVersion, kind, name, uid, controller, blockOwnerDeletion } = reference;
  return JSON.stringify([apiVersion, kind, name, uid, controller, blockOwnerDeletion]);
}
