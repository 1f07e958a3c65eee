// Checks OpenTofu files against what the providers published of their resources (test/fixtures/tofu/schemas): arguments known, given
// where they must be, and of the right type; references to what is declared, by attributes that there are.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderDocument, type TofuFiles } from "#provision";

interface Argument {
  readonly type: "string" | "number" | "boolean" | "string[]" | "map" | "block" | "blocks";
  readonly required?: true;
  readonly arguments?: Readonly<Record<string, Argument>>;
}

interface Schema {
  readonly arguments: Readonly<Record<string, Argument>>;
  readonly attributes: readonly string[];
}

export interface ProviderSchemas {
  readonly provider: { readonly name: string; readonly version: string };
  readonly [resource: string]: Schema | ProviderSchemas["provider"];
}

const metaArguments = ["for_each", "count", "depends_on", "lifecycle", "provider", "dynamic"];

export function readSchemas(provider: string): ProviderSchemas {
  const path = join(import.meta.dirname, `../../fixtures/tofu/schemas/${provider}.json`);
  return JSON.parse(readFileSync(path, "utf8")) as ProviderSchemas;
}

/** Everything that is wrong, one line each. */
export function checkDocuments(files: TofuFiles, schemas: ProviderSchemas): string[] {
  const declared = new Map<string, Schema>();
  const locals = new Set<string>();
  const problems: string[] = [];
  for (const { resource = {}, data = {}, locals: values = {} } of Object.values(files)) {
    for (const name of Object.keys(values)) locals.add(name);
    for (const [prefix, resources] of [
      ["", resource],
      ["data.", data],
    ] as const) {
      for (const [type, named] of Object.entries(resources)) {
        const schema = schemas[`${prefix}${type}`] as Schema | undefined;
        for (const [name, block] of Object.entries(named)) {
          const address = `${prefix}${type}.${name}`;
          if (!schema) problems.push(`${address}: no schema is known`);
          else {
            declared.set(address, schema);
            problems.push(...checkBlock(address, block, schema.arguments, metaArguments));
          }
        }
      }
    }
  }
  const text = Object.values(files).map(renderDocument).join("");
  return [...problems, ...checkReferences(text, declared, locals)];
}

function checkBlock(
  at: string,
  value: unknown,
  known: Readonly<Record<string, Argument>>,
  others: readonly string[] = [],
): string[] {
  if (typeof value !== "object" || value === null) return [`${at}: must be a block`];
  const block = value as Readonly<Record<string, unknown>>;
  const dynamic = (block["dynamic"] ?? {}) as Readonly<Record<string, { content: unknown }>>;
  const given = Object.entries(block).filter(
    ([name, each]) => each !== undefined && name !== "dynamic" && !others.includes(name),
  );
  const missing = Object.entries(known).filter(([name, { required }]) => required && block[name] === undefined);
  return [
    ...missing.map(([name]) => `${at}: ${name} is missing`),
    ...given.flatMap(([name, each]) => checkArgument(`${at}.${name}`, each, known[name])),
    ...Object.entries(dynamic).flatMap(([name, { content }]) => checkArgument(`${at}.${name}`, content, known[name])),
  ];
}

function checkArgument(at: string, value: unknown, argument: Argument | undefined): string[] {
  if (!argument) return [`${at}: there is no such argument`];
  const { type } = argument;
  if (type === "block" || type === "blocks") {
    const blocks = Array.isArray(value) ? value : [value];
    if (type === "block" && blocks.length > 1) return [`${at}: must be given once`];
    return blocks.flatMap((block) => checkBlock(at, block, argument.arguments ?? {}));
  }
  return fits(value, type) ? [] : [`${at}: must be a ${type}, not ${JSON.stringify(value)}`];
}

function fits(value: unknown, type: Argument["type"]): boolean {
  // An expression alone may give anything.
  if (typeof value === "string" && /^\$\{.*\}$/s.test(value)) return true;
  if (type === "string[]") return Array.isArray(value) && value.every((entry) => typeof entry === "string");
  if (type === "map") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function checkReferences(text: string, declared: ReadonlyMap<string, Schema>, locals: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  const reference = /\b((?:data\.)?(?:aws|google|azurerm|openstack|vsphere)_\w+\.\w+)(?:\[[^\]]*\])?(?:\.(\w+))?/g;
  for (const [, address, attribute] of text.matchAll(reference)) {
    const schema = declared.get(address!);
    if (!schema) problems.push(`${address} is not declared`);
    else if (attribute && ![...schema.attributes, ...Object.keys(schema.arguments)].includes(attribute)) {
      problems.push(`${address} has no attribute ${attribute}`);
    }
  }
  for (const [, name] of text.matchAll(/\blocal\.(\w+)/g)) {
    if (!locals.has(name!) && !text.includes(`/local.${name}`)) problems.push(`local.${name} is not declared`);
  }
  return [...new Set(problems)];
}
