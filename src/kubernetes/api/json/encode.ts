// Values to JSON text. Integers beyond 2^53 are bigints in values of free form (json/parse.ts) and plain numbers in JSON.

// In V8 since Node 21, not yet in TypeScript's library.
const rawJSON = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

/** JSON.stringify that also takes bigints, as numbers. undefined gives "null". */
export function encodeJson(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, undefined, indent) ?? "null";
  } catch (error) {
    // A bigint is rare and costs a second pass; anything else (a cycle) is thrown again by it.
    if (!(error instanceof TypeError)) throw error;
    const replacer = (_key: string, part: unknown) => (typeof part === "bigint" ? rawJSON(`${part}`) : part);
    return JSON.stringify(value, replacer, indent);
  }
}
