// Which fields of an object differ from what it would be: paths as people write them, entries of lists by their names. What a Secret
// holds is never shown. Pure.

import type { UnknownObject } from "#kubernetes/api";

export interface FieldDifference {
  /** "spec.template.spec.containers[name=app].image". */
  readonly path: string;
  /** Absent where the field is new. */
  readonly before?: unknown;
  /** Absent where it goes. */
  readonly after?: unknown;
}

/** Stands for what is not shown. */
export const hidden = "(hidden)";

/** Fields only the server sets. */
const serversFields = new Set([
  "managedFields",
  "resourceVersion",
  "generation",
  "uid",
  "creationTimestamp",
  "selfLink",
]);
/** kubectl's copy of a whole object, which may be a Secret. */
const copyAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

/** Every field that differs, what goes behind what comes. */
export function diffObjects(before: UnknownObject, after: UnknownObject): FieldDifference[] {
  const differences = diffValues(comparable(before), comparable(after), "");
  return after.kind === "Secret" ? differences.map(hideContent) : differences;
}

function comparable(object: UnknownObject): unknown {
  const { status: _, apiVersion: _version, kind: _kind, ...rest } = object;
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([name]) => !serversFields.has(name)),
  ) as UnknownObject["metadata"];
  const { [copyAnnotation]: _copy, ...annotations } = metadata.annotations ?? {};
  return { ...rest, metadata: { ...metadata, annotations } };
}

function hideContent(difference: FieldDifference): FieldDifference {
  if (!/^(data|stringData)(\.|\[|$)/.test(difference.path)) return difference;
  const { path, before, after } = difference;
  return {
    path,
    ...(before !== undefined && { before: hidden }),
    ...(after !== undefined && { after: hidden }),
  };
}

function diffValues(before: unknown, after: unknown, path: string): FieldDifference[] {
  if (before === after) return [];
  if (isList(before) && isList(after)) return diffLists(before, after, path);
  if (isMapping(before) && isMapping(after)) {
    const keys = [...new Set([...Object.keys(after), ...Object.keys(before)])];
    return keys.flatMap((key) => diffValues(before[key], after[key], joinPath(path, key)));
  }
  if (isEmpty(before) && isEmpty(after)) return [];
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

/** Entries with names are the same where their names are; others where their places are. */
function diffLists(before: readonly unknown[], after: readonly unknown[], path: string): FieldDifference[] {
  const key = nameKeyOf(before, after);
  if (key === undefined) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => diffValues(before[index], after[index], `${path}[${index}]`)).flat();
  }
  const byName = (list: readonly unknown[]) =>
    new Map(list.map((entry) => [String((entry as Record<string, unknown>)[key]), entry]));
  const [old, wanted] = [byName(before), byName(after)];
  const names = [...new Set([...wanted.keys(), ...old.keys()])];
  return names.flatMap((name) => diffValues(old.get(name), wanted.get(name), `${path}[${key}=${name}]`));
}

/** The field that tells the entries of either list apart, where each has it and none has it twice. */
function nameKeyOf(...lists: readonly (readonly unknown[])[]): string | undefined {
  return ["name", "containerPort", "mountPath", "type"].find((key) => lists.every((list) => isKeyedBy(list, key)));
}

function isKeyedBy(list: readonly unknown[], key: string): boolean {
  const values = list.map((entry) => (isMapping(entry) ? entry[key] : undefined));
  const areNames = values.every((value) => typeof value === "string" || typeof value === "number");
  return areNames && new Set(values.map(String)).size === list.length;
}

function joinPath(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
