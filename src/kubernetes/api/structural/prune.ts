// Pruning: fields a structural schema does not know are dropped, as decoding drops them for built-in kinds, and told of.

import { additionalOf, isRecord, itemsOf, type JsonSchema, propertyOf, typeAndMetadata } from "./json-schema.ts";

/**
 * Drops in place what the schema does not declare, and answers the paths of what went ("spec.foo[0].bar"), sorted. A resource's
 * root keeps apiVersion, kind and metadata, whatever its schema says; so do embedded resources.
 */
export function pruneUnknown(value: unknown, schema: JsonSchema | undefined, isRoot: boolean): string[] {
  const pruner = new Pruner();
  if (isRoot) pruner.visit(value, schema, true);
  else pruner.visit(value, schema, schema?.["x-kubernetes-embedded-resource"] === true);
  return pruner.unknown.length > 1 ? [...new Set(pruner.unknown)].sort() : pruner.unknown;
}

class Pruner {
  readonly unknown: string[] = [];
  readonly #path: (string | number)[] = [];

  visit(value: unknown, schema: JsonSchema | undefined, isResource: boolean): void {
    if (typeof value !== "object" || value === null) return;
    if (schema?.["x-kubernetes-preserve-unknown-fields"]) this.#keepUnknown(value, schema, isResource);
    else if (isRecord(value)) this.#visitRecord(value, schema, isResource);
    else this.#visitItems(value as unknown[], schema && itemsOf(schema));
  }

  #visitRecord(record: Record<string, unknown>, schema: JsonSchema | undefined, isResource: boolean): void {
    for (const key of Object.keys(record)) {
      if (isResource && typeAndMetadata.has(key)) continue;
      const property = schema && propertyOf(schema, key);
      if (property) this.#descend(key, record[key], property);
      else if (schema?.additionalProperties !== undefined) this.#descend(key, record[key], additionalOf(schema));
      else this.#drop(record, key);
    }
  }

  #visitItems(items: readonly unknown[], schema: JsonSchema | undefined): void {
    for (const [index, item] of items.entries()) this.#descend(index, item, schema);
  }

  /** Here fields stay, but those that are declared are pruned further down. */
  #keepUnknown(value: object, schema: JsonSchema, isResource: boolean): void {
    if (!isRecord(value)) {
      const items = itemsOf(schema);
      if (items === undefined) return;
      for (const [index, item] of (value as unknown[]).entries()) {
        this.#path.push(index);
        if (typeof item === "object" && item !== null) this.#keepUnknown(item, items, isEmbedded(items));
        this.#path.pop();
      }
      return;
    }
    for (const key of Object.keys(value)) {
      if (isResource && typeAndMetadata.has(key)) continue;
      const property = propertyOf(schema, key);
      if (property) this.#descend(key, value[key], property);
      else if (schema.additionalProperties !== undefined) this.#descend(key, value[key], additionalOf(schema));
    }
  }

  #descend(step: string | number, value: unknown, schema: JsonSchema | undefined): void {
    if (typeof value !== "object" || value === null) return;
    this.#path.push(step);
    this.visit(value, schema, isEmbedded(schema));
    this.#path.pop();
  }

  #drop(record: Record<string, unknown>, key: string): void {
    if (this.#path.length > 0 || !typeAndMetadata.has(key)) this.unknown.push(joinPath([...this.#path, key]));
    delete record[key];
  }
}

function isEmbedded(schema: JsonSchema | undefined): boolean {
  return schema?.["x-kubernetes-embedded-resource"] === true;
}

function joinPath(steps: readonly (string | number)[]): string {
  let path = "";
  for (const step of steps) {
    if (typeof step === "number") path += `[${step}]`;
    else path += path === "" ? step : `.${step}`;
  }
  return path;
}
