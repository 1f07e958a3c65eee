// A JSON document under change: the original is never touched, and what an operation does not reach stays shared with it.
// Pointers are read as evanphx/json-patch reads them.

import { quote } from "../go-format.ts";
import { type JsonObject, setKey, valueAt } from "./json-value.ts";

/** An object or array of the document, and the last token of the pointer into it. */
export interface Place {
  readonly container: unknown[] | { [key: string]: unknown };
  readonly key: string;
}

/** Why an operation does not apply; the text is json-patch's. */
export class PatchFailure extends Error {
  override readonly name = "PatchFailure";
}

export class JsonDocument {
  #root: unknown;
  /** Containers that are copies already: they may be changed in place. */
  readonly #own = new Set<unknown>();

  constructor(root: unknown) {
    this.#root = root;
  }

  get root(): unknown {
    return this.#root;
  }

  replaceRoot(value: unknown): void {
    this.#root = value;
  }

  /** Where a pointer leads, or undefined when a container on the way is missing. The container must not be changed. */
  find(pointer: string): Place | undefined {
    return this.#walk(pointer, (value) => value);
  }

  /** As find, but everything on the way is copied first, so that the container may be changed. */
  open(pointer: string): Place | undefined {
    return this.#walk(pointer, (value, store) => {
      if (this.#own.has(value)) return value;
      const copy = Array.isArray(value) ? value.slice() : { ...(value as JsonObject) };
      this.#own.add(copy);
      store(copy);
      return copy;
    });
  }

  #walk(pointer: string, visit: (value: unknown, store: (copy: unknown) => void) => unknown): Place | undefined {
    // The text before the first slash is skipped, so "a/b" means the same as "/b".
    const tokens = pointer.split("/").slice(1).map(decodeToken);
    const key = tokens.pop();
    if (key === undefined) return undefined;
    let container = visit(this.#root, (copy) => {
      this.#root = copy;
    });
    for (const token of tokens) {
      if (!isContainer(container)) return undefined;
      const parent: Place = { container, key: token };
      const next = tryGet(parent);
      if (!isContainer(next)) return undefined;
      container = visit(next, (copy) => setAt(parent, copy));
    }
    return isContainer(container) ? { container, key } : undefined;
  }
}

/** The value at a place, undefined where an object has no such key. Throws for an index an array does not have. */
export function getAt({ container, key }: Place): unknown {
  return Array.isArray(container) ? container[existingIndex(container, key)] : valueAt(container, key);
}

/** Replaces the value at a place; an object need not have had the key. */
export function setAt({ container, key }: Place, value: unknown): void {
  if (Array.isArray(container)) container[existingIndex(container, key)] = value;
  else setKey(container, key, value);
}

/** Sets a key, or inserts before an index; "-" appends. */
export function addAt({ container, key }: Place, value: unknown): void {
  if (!Array.isArray(container)) {
    setKey(container, key, value);
  } else if (key === "-") {
    container.push(value);
  } else {
    const index = readIndex(key, (problem) => `value was not a proper array index: '${key}': ${problem}`);
    container.splice(boundedIndex(index, container.length + 1), 0, value);
  }
}

/** Takes a key or an item out. Throws when it is not there. */
export function removeAt({ container, key }: Place): void {
  if (Array.isArray(container)) {
    container.splice(existingIndex(container, key), 1);
    return;
  }
  if (!Object.hasOwn(container, key)) {
    throw new PatchFailure(`Unable to remove nonexistent key: ${key}: missing value`);
  }
  delete container[key];
}

function tryGet(place: Place): unknown {
  try {
    return getAt(place);
  } catch (error) {
    if (error instanceof PatchFailure) return undefined;
    throw error;
  }
}

function isContainer(value: unknown): value is Place["container"] {
  return typeof value === "object" && value !== null;
}

function decodeToken(token: string): string {
  const decoded = token.replace(/~[01]/g, (code) => (code === "~1" ? "/" : "~"));
  // An object's prototype is no part of any document.
  if (decoded === "__proto__") throw new PatchFailure('the key "__proto__" cannot be patched');
  return decoded;
}

function existingIndex(array: readonly unknown[], key: string): number {
  return boundedIndex(
    readIndex(key, (problem) => problem),
    array.length,
  );
}

/** Negative indices count from the end. */
function boundedIndex(index: number, length: number): number {
  if (index >= length || index < -length) {
    throw new PatchFailure(`Unable to access invalid index: ${index}: invalid index referenced`);
  }
  return index < 0 ? index + length : index;
}

function readIndex(key: string, describe: (problem: string) => string): number {
  if (/^[+-]?\d+$/.test(key)) return Number(key);
  throw new PatchFailure(describe(`strconv.Atoi: parsing ${quote(key)}: invalid syntax`));
}
