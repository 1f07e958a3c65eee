// The few things patches and server-side apply do with plain JSON values: tell objects apart, read and write keys safely,
// compare.

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: unknown;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value of a key the object itself has, else undefined: what every object inherits ("constructor") does not count. */
export function valueAt(object: JsonObject, key: string): unknown {
  const value = object[key];
  // JSON has no functions, and only __proto__ leads to the prototype: this spares most look-ups a hasOwn.
  return typeof value === "function" || value === Object.prototype ? undefined : value;
}

/** Sets a key of an object that belongs to the caller; "__proto__" becomes a key like any other. */
export function setKey(object: { [key: string]: unknown }, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

/** Whether two JSON values say the same; the order of keys does not matter. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equalJson(item, b[index]));
  }
  return !Array.isArray(b) && equalObjects(a as JsonObject, b as JsonObject);
}

function equalObjects(a: JsonObject, b: JsonObject): boolean {
  let count = 0;
  for (const key in a) {
    if (a[key] === undefined) continue;
    const other = valueAt(b, key);
    if (other === undefined || !equalJson(a[key], other)) return false;
    count++;
  }
  for (const key in b) if (b[key] !== undefined) count--;
  return count === 0;
}
