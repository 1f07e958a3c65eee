// Lists and maps of dynamic resource allocation: how long they may be, each item once. Past the limit items are not looked at.

import { duplicate, entry, type FieldError, item, tooMany } from "../../field-error.ts";

type Validate<T> = (value: T, path: string, errors: FieldError[]) => void;

export function validateItems<T>(
  items: readonly T[] | undefined,
  most: number,
  path: string,
  errors: FieldError[],
  validate: Validate<T>,
): boolean {
  const list = items ?? [];
  if (list.length > most) {
    errors.push(tooMany(path, list.length, most));
    return false;
  }
  for (const [index, value] of list.entries()) validate(value, item(path, index), errors);
  return true;
}

/** As validateItems, and no two items may have the same key. */
export function validateSet<T>(
  items: readonly T[] | undefined,
  { most, keyOf }: { readonly most: number; readonly keyOf: (value: T) => unknown },
  path: string,
  errors: FieldError[],
  validate: Validate<T>,
): void {
  if (!validateItems(items, most, path, errors, validate)) return;
  const known = new Set<string>();
  for (const [index, value] of (items ?? []).entries()) {
    const key = keyOf(value);
    const text = typeof key === "string" ? key : JSON.stringify(key);
    if (known.has(text)) errors.push(duplicate(item(path, index), key));
    known.add(text);
  }
}

/** Keys are checked at the map's own path. */
export function validateMap<T>(
  map: Readonly<Record<string, T>> | undefined,
  most: number,
  path: string,
  errors: FieldError[],
  validate: { readonly key: Validate<string>; readonly value?: Validate<T>; readonly longestKey: number },
): void {
  const keys = Object.keys(map ?? {});
  if (keys.length > most) {
    errors.push(tooMany(path, keys.length, most));
    return;
  }
  for (const key of keys) {
    validate.key(key, path, errors);
    validate.value?.(map![key]!, entry(path, shorten(key, validate.longestKey)), errors);
  }
}

/** Long keys lose their middle. */
function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const rest = most - "...".length;
  return `${text.slice(0, Math.ceil(rest / 2))}...${text.slice(text.length - Math.floor(rest / 2))}`;
}

/** Which of the named fields are set, as messages list them. */
export function setFields(value: object, names: readonly string[]): string[] {
  return names.filter((name) => (value as Record<string, unknown>)[name] !== undefined).map((name) => `\`${name}\``);
}
