// One text per meaning: two values that Kubernetes holds for equal have the same canonical JSON.

/** JSON with sorted keys, without what is absent, null or an empty list. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part) => (isPlainObject(part) ? sortKeys(part) : part)) ?? "null";
}

export function isSameJson(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sortKeys(object: Record<string, unknown>): Record<string, unknown> {
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(object).sort()) {
    const value = object[key];
    const isEmpty = value === null || (Array.isArray(value) && value.length === 0);
    if (!isEmpty) sorted[key] = value;
  }
  return sorted;
}
