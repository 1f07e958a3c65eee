// Counts keys, to tell quickly that a JSON text has no field twice: it then has as many as the parsed value.

/** The keys a text writes; undefined where that is not plain to see. */
export function countKeysInText(text: string): number | undefined {
  let count = 0;
  for (let at = text.indexOf(":"); at >= 0; at = text.indexOf(":", at + 1)) {
    const before = text.charCodeAt(at - 1);
    if (before === 0x22) {
      // A quote that is escaped ends no key, but one after an escaped backslash may.
      if (text.charCodeAt(at - 2) !== 0x5c) count++;
      else if (text.charCodeAt(at - 3) === 0x5c) return undefined;
    } else if (before <= 0x20) return undefined;
  }
  return count;
}

/** The keys of all objects in a value; undefined where more than `mostNested` lie within each other. */
export function countKeys(value: unknown, mostNested: number): number | undefined {
  const count = countBelow(value, mostNested);
  return Number.isNaN(count) ? undefined : count;
}

function countBelow(value: unknown, mostNested: number): number {
  if (typeof value !== "object" || value === null) return 0;
  if (mostNested === 0) return Number.NaN;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object") count += countBelow(item, mostNested - 1);
    return count;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) {
    count++;
    const child = object[key];
    if (typeof child === "object") count += countBelow(child, mostNested - 1);
  }
  return count;
}
