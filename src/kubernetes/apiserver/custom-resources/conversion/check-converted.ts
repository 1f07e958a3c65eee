// What a conversion webhook may not do: change who an object is, or anything of its metadata but labels and annotations.

import {
  describeFieldError,
  type FieldError,
  isRecord,
  type KubeObject,
  parseApiVersion,
  validateAnnotations,
  validateLabels,
} from "#kubernetes/api";

/**
 * The object the webhook answered, with the original's metadata but for labels and annotations. Throws an Error that says what is
 * wrong with it.
 */
export function acceptConverted(original: KubeObject, answered: unknown, apiVersion: string): KubeObject {
  if (!isRecord(answered)) throw new Error("invalid converted object: it is no object");
  const { apiVersion: found, kind } = answered;
  if (found !== apiVersion) {
    throw new Error(`invalid groupVersion (expected ${apiVersion}, received ${printed(found)})`);
  }
  if (kind !== original.kind) throw new Error(`invalid kind (expected ${original.kind}, received ${printed(kind)})`);
  const { metadata } = answered;
  if (metadata === undefined) throw new Error("missing metadata in converted object");
  if (!isRecord(metadata)) throw new Error(`invalid metadata of type ${typeof metadata} in converted object`);
  checkIdentity(original, metadata);
  return { ...answered, metadata: mergeMetadata(original, metadata) } as KubeObject;
}

function printed(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function checkIdentity({ metadata: original }: KubeObject, metadata: Record<string, unknown>): void {
  for (const [field, name] of [
    ["name", "name"],
    ["namespace", "namespace"],
    ["uid", "UID"],
  ] as const) {
    const [before, after] = [original[field] ?? "", metadata[field] ?? ""];
    if (before !== after) throw new Error(`must have the same ${name}: ${before} != ${String(after)}`);
  }
}

function mergeMetadata({ metadata: original }: KubeObject, answered: Record<string, unknown>): KubeObject["metadata"] {
  const { labels: _labels, annotations: _annotations, ...kept } = original;
  const labels = readTexts(answered, "labels");
  const annotations = readTexts(answered, "annotations");
  const errors: FieldError[] = [];
  if (labels && !isSame(labels, original.labels)) validateLabels(labels, "metadata.labels", errors);
  if (annotations && !isSame(annotations, original.annotations)) {
    validateAnnotations(annotations, "metadata.annotation", errors);
  }
  if (errors.length > 0) throw new Error(errors.map(describeFieldError).join(", "));
  return { ...kept, ...(labels && { labels }), ...(annotations && { annotations }) };
}

function readTexts(metadata: Record<string, unknown>, field: string): Record<string, string> | undefined {
  const value = metadata[field];
  if (value === undefined || value === null) return undefined;
  if (!isRecord(value)) throw new Error(`invalid metadata.${field} of type ${typeof value} in converted object`);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text === "string") continue;
    throw new Error(`metadata.${field}[${key}] must be a string, but is ${typeof text} in converted object`);
  }
  return value as Record<string, string>;
}

function isSame(texts: Record<string, string>, before: Readonly<Record<string, string>> = {}): boolean {
  const keys = Object.keys(texts);
  return keys.length === Object.keys(before).length && keys.every((key) => texts[key] === before[key]);
}

/** "ex.example/v1, Kind=Widget", as errors name what was to be converted. */
export function describeKind({ apiVersion = "", kind = "" }: KubeObject): string {
  const { group, version } = parseApiVersion(apiVersion);
  return `${group}/${version}, Kind=${kind}`;
}
