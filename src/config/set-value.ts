// Single values put into a configuration by the path of their field: `--set workers[0].count=3`, and the wizard's answers.

import { parse } from "yaml";
import type { FieldPath } from "./config-problem.ts";
import { fieldOf, type SchemaField } from "./schema-field.ts";

/** A configuration as it is being written: any mapping, not checked yet. */
export type ConfigDraft = Readonly<Record<string, unknown>>;

export type Assignment =
  | { readonly path: FieldPath; readonly value: unknown }
  | { readonly path?: undefined; readonly problem: string };

/** "workers[0].labels[example.com/zone]" as keys and indices; the opposite of formatPath. Undefined where it is no path. */
export function parsePath(text: string): FieldPath | undefined {
  if (!/^[^.[\]=]+(\.[^.[\]]+|\[[^[\]]+\])*$/.test(text)) return undefined;
  const parts = text.match(/[^.[\]]+(?=[.[]|$)|\[[^\]]+\]/g) ?? [];
  return parts.map((part) => {
    const inner = part.startsWith("[") ? part.slice(1, -1) : part;
    return part.startsWith("[") && /^\d+$/.test(inner) ? Number(inner) : inner;
  });
}

/** Reads "path=value". The value is YAML, but for fields that hold texts: those take it as it is. */
export function parseAssignment(text: string): Assignment {
  const split = /^((?:\[[^\]]*\]|[^=[])*)=(.*)$/s.exec(text);
  const path = split ? parsePath(split[1]!) : undefined;
  if (!split || !path) return { problem: `"${text}" is not such as network.podCIDR=10.1.0.0/16 or workers[0].count=3` };
  try {
    return { path, value: parseValue(path, split[2]!) };
  } catch {
    return { problem: `the value of ${split[1]} is no YAML: ${split[2]}` };
  }
}

/** What a person typed as the field's value. Throws where it must be YAML and is not. */
export function parseValue(path: FieldPath, text: string): unknown {
  const type = fieldOf(path)?.type ?? fieldOf(path.slice(0, -1))?.type;
  return type === "string" || type === "map[string]string" ? text : parse(text);
}

/** The value at a path; lists and mappings that were not given have what the schema gives them. */
export function valueIn(draft: ConfigDraft, path: FieldPath): unknown {
  let value: unknown = draft;
  for (const [depth, part] of path.entries()) {
    value = childOf(value, part) ?? fieldOf(path.slice(0, depth + 1))?.defaultValue;
    // A list's own default is the list's, not its entries'.
    if (typeof part === "number") value = childOf(valueIn(draft, path.slice(0, depth)), part);
  }
  return value;
}

/** The draft with that value; what lies around it begins with what the schema gives it. Lists grow by one at most. */
export function setValue(draft: ConfigDraft, path: FieldPath, value: unknown): ConfigDraft {
  return put(draft, path, { value, at: [] }) as ConfigDraft;
}

function put(container: unknown, path: FieldPath, { value, at }: { value: unknown; at: FieldPath }): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  const here = [...at, part];
  const field = fieldOf(here);
  const child = childOf(container, part) ?? (typeof part === "number" ? undefined : startOf(field));
  const changed = put(child, rest, { value, at: here });
  if (typeof part !== "number") return { ...(container as object | undefined), [part]: changed };
  const list = Array.isArray(container) ? (container as unknown[]) : [];
  return part < list.length ? list.with(part, changed) : [...list, changed];
}

/** What a field begins with once something is set below it: its default, where that is not one value. */
function startOf(field: SchemaField | undefined): unknown {
  return typeof field?.defaultValue === "object" ? field.defaultValue : undefined;
}

function childOf(container: unknown, part: string | number): unknown {
  if (typeof container !== "object" || container === null) return undefined;
  return (container as Record<string | number, unknown>)[part];
}
