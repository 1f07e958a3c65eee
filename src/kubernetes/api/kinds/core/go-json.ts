// JSON inside other values (annotations, data of Secrets): read, or said in Go's words why it cannot be.

export interface GoJson<T> {
  readonly value?: T;
  readonly problem?: string;
}

/** Reads text that must be JSON of the given shape (or null, read as nothing). `goType` is named when it is of another. */
export function readGoJson<T>(text: string, shape: "array" | "object", goType: string): GoJson<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  if (value === null) return {};
  const kind = kindOf(value);
  if (kind !== shape) return { problem: `json: cannot unmarshal ${kind} into Go value of type ${goType}` };
  return { value: value as T };
}

/** What Go calls a kind of JSON value. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}
