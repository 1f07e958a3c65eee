// YAML to JSON values, as Kubernetes reads it (sigs.k8s.io/yaml).

import { loadAll, YAMLException } from "js-yaml";
import { CodecError } from "../codec-error.ts";
import { JsonError, parseJsonQuickly } from "../json/parse.ts";
import { AliasError, copyAliased } from "./aliases.ts";
import { listDuplicateKeys } from "./duplicate-keys.ts";
import { kubernetesYaml } from "./tags.ts";

/** The text is no YAML, or holds what JSON cannot. The message begins as upstream's; what follows is the parser's. */
export class YamlError extends CodecError {
  override readonly name = "YamlError";
}

/** Deeper nesting is refused. */
const mostNestedYaml = 500;

export interface ParsedYaml {
  /** Fresh values that belong to the caller: the first document, null where there is none. */
  readonly value: unknown;
  /** The error upstream's strict reader gives where keys occur twice, alone; else empty. Of such keys the last one counts. */
  readonly duplicates: readonly string[];
}

/** Parses a body: its first document. Throws YamlError. */
export function parseYamlBody(source: Uint8Array | string): ParsedYaml {
  const text = textOf(source);
  const json = parseIfJson(text);
  if (json !== undefined) return { value: json, duplicates: [] };
  try {
    return { value: first(load(text, false)), duplicates: [] };
  } catch (error) {
    if (!(error instanceof YamlError) || !error.message.includes("duplicated mapping key")) throw error;
    return { value: first(load(text, true)), duplicates: listDuplicateKeys(text) };
  }
}

/** JSON is YAML, and what most clients send for it: then the faster parser does. */
function parseIfJson(text: string): unknown {
  if (!text.startsWith("{")) return undefined;
  try {
    const { value, mayHaveDuplicates } = parseJsonQuickly(text);
    return mayHaveDuplicates ? undefined : value;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** Parses all documents, leaving out those that hold nothing. A key that occurs twice is an error. Throws YamlError. */
export function parseYamlDocuments(source: Uint8Array | string): unknown[] {
  return load(textOf(source), false).filter((document) => document !== null);
}

function first(documents: readonly unknown[]): unknown {
  return documents[0] ?? null;
}

function textOf(source: Uint8Array | string): string {
  return typeof source === "string" ? source : Buffer.from(source).toString("utf8");
}

function load(text: string, takesDuplicates: boolean): unknown[] {
  try {
    const documents = loadAll(text, { schema: kubernetesYaml, json: takesDuplicates, maxDepth: mostNestedYaml });
    for (const document of documents) refuseUnsupported(document);
    return text.includes("*") ? documents.map(copyAliased) : documents;
  } catch (error) {
    if (error instanceof YAMLException) throw new YamlError(describe(error));
    throw error instanceof AliasError ? new YamlError(error.message) : error;
  }
}

function describe({ reason, mark }: YAMLException): string {
  const line = mark === undefined || mark.line === 0 ? "" : `line ${mark.line + 1}: `;
  return `yaml: ${line}${reason}`;
}

/** JSON has no NaN and no infinities. An alias is looked at once, so this walk is as long as the text. */
function refuseUnsupported(value: unknown, seen = new Set<object>()): void {
  if (typeof value === "number" && !Number.isFinite(value)) {
    const name = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    throw new YamlError(`json: unsupported value: ${name}`);
  }
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  for (const child of Object.values(value)) refuseUnsupported(child, seen);
}
