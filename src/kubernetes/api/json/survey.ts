// Looks a parsed value over, once and quickly, for the rare things that need a slower second look: fields written twice,
// integers a double cannot hold, nesting too deep to walk.

export interface Survey {
  /** The keys of all objects. A text that writes more has a field twice. */
  keys: number;
  /** Some number may have lost digits. */
  hasLargeNumbers: boolean;
  isTooDeep: boolean;
}

/** Surveys a value down to `mostNested` levels of objects and lists within each other. */
export function survey(value: unknown, mostNested: number): Survey {
  const result: Survey = { keys: 0, hasLargeNumbers: false, isTooDeep: false };
  visit(value, mostNested, result);
  return result;
}

function visit(value: unknown, levels: number, result: Survey): void {
  if (typeof value === "number") {
    if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) result.hasLargeNumbers = true;
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (levels === 0) {
    result.isTooDeep = true;
  } else if (Array.isArray(value)) {
    for (const item of value) visit(item, levels - 1, result);
  } else {
    const object = value as Record<string, unknown>;
    for (const key in object) {
      result.keys++;
      visit(object[key], levels - 1, result);
    }
  }
}

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
