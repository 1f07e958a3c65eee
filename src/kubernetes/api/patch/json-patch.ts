// JSON Patch (RFC 6902) as the API server applies it: evanphx/json-patch's reading of the RFC, its words, and its limits.

import { encodeJson } from "../json/encode.ts";
import { badRequest, requestEntityTooLarge } from "../status-error.ts";
import { addAt, getAt, JsonDocument, PatchFailure, type Place, removeAt, setAt } from "./json-document.ts";
import { equalJson, isObject, type JsonObject, valueAt } from "./json-value.ts";
import { jsonKindOf, unprocessablePatch } from "./patch-errors.ts";

const mostOperations = 10_000;
/** What copy operations of one patch may add, in bytes of JSON. */
const mostBytesCopied = 3 * 1024 * 1024;

/** A decoded patch: its operations, and what a strict or warning field validation has to say of it. */
export interface JsonPatch {
  readonly operations: readonly JsonObject[];
  /** Such as: json patch unknown field "[0].foo". Duplicate fields are found by whoever parsed the text. */
  readonly strictErrors: readonly string[];
}

/** Reads a parsed JSON Patch body. Throws BadRequest for one that is none, RequestEntityTooLarge for one that is too long. */
export function readJsonPatch(body: unknown): JsonPatch {
  const operations = body ?? [];
  if (!Array.isArray(operations)) throw cannotDecode(body, "Go value of type []handlers.jsonPatchOp");
  const strictErrors = operations.flatMap((operation: unknown, index) => checkOperation(operation ?? {}, index));
  if (operations.length > mostOperations) {
    throw requestEntityTooLarge(
      `The allowed maximum operations in a JSON patch is ${mostOperations}, got ${operations.length}`,
    );
  }
  return { operations: operations.map((operation: unknown) => (operation ?? {}) as JsonObject), strictErrors };
}

/**
 * The document after all operations; parts no operation reached are the very same objects. Throws Invalid (422) when one does
 * not apply; why is in the cause. Differs from the RFC where json-patch does: replacing a key that is not there adds it,
 * testing for null passes when there is nothing, indices may be negative, and the root can be replaced but not added.
 */
export function applyJsonPatch(document: unknown, patch: JsonPatch): unknown {
  const target = new JsonDocument(document);
  const copied = { bytes: 0 };
  try {
    for (const operation of patch.operations) applyOperation(target, operation, copied);
  } catch (error) {
    throw error instanceof PatchFailure ? unprocessablePatch(error.message) : error;
  }
  return target.root;
}

type Operation = (document: JsonDocument, operation: JsonObject, copied: { bytes: number }) => void;

const operations: Readonly<Record<string, Operation>> = { add, remove, replace, move, test, copy };

function applyOperation(document: JsonDocument, operation: JsonObject, copied: { bytes: number }): void {
  const kind = typeof operation["op"] === "string" ? operation["op"] : "unknown";
  if (!Object.hasOwn(operations, kind)) throw new PatchFailure(`Unexpected kind: ${kind}`);
  operations[kind]?.(document, operation, copied);
}

function add(document: JsonDocument, operation: JsonObject): void {
  const path = pointerOf(operation, "path", "add operation failed to decode path: missing value");
  const place = document.open(path);
  if (!place) throw new PatchFailure(`add operation does not apply: doc is missing path: "${path}": missing value`);
  within(`error in add for path: '${path}'`, () => addAt(place, operation["value"] ?? null));
}

function remove(document: JsonDocument, operation: JsonObject): void {
  const path = pointerOf(operation, "path", "remove operation failed to decode path: missing value");
  const place = document.open(path);
  if (!place) throw new PatchFailure(`remove operation does not apply: doc is missing path: "${path}": missing value`);
  within(`error in remove for path: '${path}'`, () => removeAt(place));
}

function replace(document: JsonDocument, operation: JsonObject): void {
  const path = pointerOf(operation, "path", `replace operation failed to decode path: ${missingField("path")}`);
  const value = operation["value"] ?? null;
  if (path === "") replaceRoot(document, value);
  else replaceAt(document, path, value);
}

function replaceRoot(document: JsonDocument, value: unknown): void {
  if (typeof value !== "object" || value === null) {
    throw new PatchFailure("replace operation value must be object or array");
  }
  document.replaceRoot(value);
}

function replaceAt(document: JsonDocument, path: string, value: unknown): void {
  const place = document.open(path);
  if (!place) throw new PatchFailure(`replace operation does not apply: doc is missing path: ${path}: missing value`);
  try {
    getAt(place);
  } catch {
    throw new PatchFailure(`replace operation does not apply: doc is missing key: ${path}: missing value`);
  }
  setAt(place, value);
}

function move(document: JsonDocument, operation: JsonObject): void {
  const from = pointerOf(operation, "from", `move operation failed to decode from: ${missingField("from")}`);
  const source = document.open(from);
  if (!source)
    throw new PatchFailure(`move operation does not apply: doc is missing from path: ${from}: missing value`);
  const value = within(`error in move for path: '${source.key}'`, () => {
    const moved = getAt(source);
    removeAt(source);
    return moved;
  });
  const path = pointerOf(operation, "path", `move operation failed to decode path: ${missingField("path")}`);
  const target = openTarget(document, path, "move");
  within(`error in move for path: '${path}'`, () => addAt(target, value));
}

function copy(document: JsonDocument, operation: JsonObject, copied: { bytes: number }): void {
  const from = pointerOf(operation, "from", `copy operation failed to decode from: ${missingField("from")}`);
  const source = document.find(from);
  if (!source)
    throw new PatchFailure(`copy operation does not apply: doc is missing from path: ${from}: missing value`);
  const value = within(`error in copy for from: '${from}'`, () => getAt(source)) ?? null;
  const path = pointerOf(operation, "path", "copy operation failed to decode path: missing value");
  const target = openTarget(document, path, "copy");
  copied.bytes += value === null ? 0 : Buffer.byteLength(encodeJson(value));
  if (copied.bytes > mostBytesCopied) {
    throw new PatchFailure(
      `Unable to complete the copy, the accumulated size increase of copy is ${copied.bytes}, exceeding the limit ${mostBytesCopied}`,
    );
  }
  // A copy of its own: later operations may change either of the two in place.
  within("error while adding value during copy", () => addAt(target, structuredClone(value)));
}

function test(document: JsonDocument, operation: JsonObject): void {
  const path = pointerOf(operation, "path", `test operation failed to decode path: ${missingField("path")}`);
  let actual = document.root;
  if (path !== "") {
    const place = document.find(path);
    if (!place) throw new PatchFailure(`test operation does not apply: is missing path: ${path}: missing value`);
    actual = within(`error in test for path: '${path}'`, () => getAt(place));
  }
  if (!equalJson(actual ?? null, operation["value"] ?? null)) {
    throw new PatchFailure(`testing value ${path} failed: test failed`);
  }
}

function openTarget(document: JsonDocument, path: string, kind: string): Place {
  const place = document.open(path);
  if (place) return place;
  throw new PatchFailure(`${kind} operation does not apply: doc is missing destination path: ${path}: missing value`);
}

function pointerOf(operation: JsonObject, field: "path" | "from", problem: string): string {
  const pointer = valueAt(operation, field);
  if (typeof pointer !== "string") throw new PatchFailure(problem);
  return pointer;
}

function missingField(field: "path" | "from"): string {
  return `operation${field === "from" ? "," : ""} missing ${field} field: missing value`;
}

function within<T>(context: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw error instanceof PatchFailure ? new PatchFailure(`${context}: ${error.message}`) : error;
  }
}

function checkOperation(operation: unknown, index: number): string[] {
  if (!isObject(operation)) throw cannotDecode(operation, "Go value of type handlers.jsonPatchOp");
  const problems: string[] = [];
  for (const [field, value] of Object.entries(operation)) {
    if (field === "value") continue;
    if (field !== "op" && field !== "path" && field !== "from") {
      problems.push(`json patch unknown field "[${index}].${field}"`);
    } else if (typeof value !== "string" && value !== null) {
      throw cannotDecode(value, `Go struct field jsonPatchOp.${field} of type string`);
    }
  }
  return problems;
}

function cannotDecode(value: unknown, target: string): Error {
  return badRequest(`error decoding patch: json: cannot unmarshal ${jsonKindOf(value)} into ${target}`);
}
