// From what a file, a chart or a folder holds to objects that can be applied: lists unpacked, what only a server sets left out, and
// everything that is no object told by its number.

import { parseYamlDocuments, type UnknownObject } from "#kubernetes/api";
import { describeError, exitCodes, UserError } from "#shared";

/** `source` is how messages call the text. Throws UserError with everything that is wrong. */
export function readObjects(text: string, source: string): UnknownObject[] {
  let documents: readonly unknown[];
  try {
    documents = parseYamlDocuments(text);
  } catch (cause) {
    throw new UserError(`Cannot read ${source}: ${describeError(cause)}`, { exitCode: exitCodes.config, cause });
  }
  const found = documents.filter((document) => document !== null && document !== undefined).flatMap(unpack);
  const problems = found.flatMap((object, index) => {
    const problem = describeProblem(object);
    return problem === undefined ? [] : [`object ${index + 1}: ${problem}`];
  });
  if (problems.length > 0) {
    throw new UserError(`Cannot use ${source}: ${problems.join("; ")}`, { exitCode: exitCodes.config });
  }
  return found.map((object) => withoutServersFields(object as UnknownObject));
}

/** A List's items, or the object itself. */
function unpack(document: unknown): unknown[] {
  if (!isMapping(document)) return [document];
  const { kind, items } = document;
  const isList = typeof kind === "string" && kind.endsWith("List") && Array.isArray(items);
  return isList ? (items as unknown[]).flatMap(unpack) : [document];
}

function describeProblem(object: unknown): string | undefined {
  if (!isMapping(object)) return "is no mapping of fields";
  const { apiVersion, kind, metadata } = object;
  if (typeof apiVersion !== "string" || apiVersion === "") return "has no apiVersion";
  if (typeof kind !== "string" || kind === "") return "has no kind";
  if (!isMapping(metadata) || typeof metadata["name"] !== "string" || metadata["name"] === "") {
    const generated = isMapping(metadata) && metadata["generateName"] !== undefined;
    return `${kind} has no metadata.name${generated ? "; one that is generated cannot be found again" : ""}`;
  }
  return undefined;
}

function withoutServersFields(object: UnknownObject): UnknownObject {
  const { status: _, ...rest } = object;
  const {
    creationTimestamp: _time,
    managedFields: _fields,
    resourceVersion: _version,
    uid: _uid,
    generation: _generation,
    ...metadata
  } = object.metadata;
  return { ...rest, metadata };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
