// One version of one object as the store keeps it: its bytes for good, its parsed form only while somebody holds it.

import { encodeJson, type KubeObject, parseJsonValue } from "#kubernetes/api";
import type { StoredObject } from "./store.ts";

export interface EncodedObjectInit {
  readonly key: string;
  readonly revision: number;
  /** In an ArrayBuffer of its own: a slice of a shared one would keep all of that alive for as long as the object lives. */
  readonly bytes: Buffer;
  readonly expiresAt: number;
  /** What the bytes say, where the caller has it anyway. */
  readonly object?: KubeObject;
}

/** A state that was written. */
export class EncodedObject implements StoredObject {
  readonly key: string;
  readonly revision: number;
  readonly bytes: Buffer;
  /** When the object goes by itself, in seconds since the epoch; 0: it stays. */
  readonly expiresAt: number;
  #parsed: WeakRef<KubeObject> | undefined;

  constructor(init: EncodedObjectInit) {
    this.key = init.key;
    this.revision = init.revision;
    this.bytes = init.bytes;
    this.expiresAt = init.expiresAt;
    this.#parsed = init.object && new WeakRef(init.object);
  }

  get object(): KubeObject {
    const known = this.#parsed?.deref();
    if (known) return known;
    const object = parseJsonValue(this.bytes) as KubeObject;
    this.#parsed = new WeakRef(object);
    return object;
  }
}

/** For tests: whoever changes an object that others read finds out, because it is frozen. */
export class FrozenObject extends EncodedObject {
  constructor(init: EncodedObjectInit) {
    super(init);
    deepFreeze(init.object);
  }

  override get object(): KubeObject {
    return deepFreeze(super.object);
  }
}

/** The last state of an object that was deleted: that of the write before, at the delete's revision. */
export class DeletedObject implements StoredObject {
  readonly key: string;
  readonly revision: number;
  readonly #last: EncodedObject;
  #parsed: WeakRef<KubeObject> | undefined;
  #bytes: Buffer | undefined;

  constructor(last: EncodedObject, revision: number) {
    this.key = last.key;
    this.revision = revision;
    this.#last = last;
  }

  get object(): KubeObject {
    const known = this.#parsed?.deref();
    if (known) return known;
    const last = this.#last.object;
    const object = { ...last, metadata: { ...last.metadata, resourceVersion: String(this.revision) } };
    if (Object.isFrozen(last)) deepFreeze(object);
    this.#parsed = new WeakRef(object);
    return object;
  }

  /** Made on first use: most deletes are watched by nobody. */
  get bytes(): Buffer {
    this.#bytes ??= encodeObject(this.object);
    return this.#bytes;
  }
}

/** Shorter strings are encoded here first, to learn their size; longer ones Node gives a buffer of their own. */
const scratch = Buffer.allocUnsafeSlow(16 * 1024);
const longestScratched = Math.floor(scratch.length / 3);

/** The object's JSON in UTF-8, in a buffer of exactly its size that shares its memory with nothing. */
export function encodeObject(object: KubeObject): Buffer {
  const json = encodeJson(object);
  if (json.length > longestScratched) return Buffer.from(json);
  return ownCopy(scratch.subarray(0, scratch.write(json, 0, "utf8")));
}

/** A copy that shares its memory with nothing. */
export function ownCopy(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const field of Object.values(value)) deepFreeze(field);
  return value;
}
