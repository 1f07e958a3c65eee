// Reads a resource's schema off the Go source of an OpenTofu provider that is written with the plug-in SDK: literals of
// map[string]*schema.Schema, in the resource's function and in those that it merges or calls.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bodyAfter, splitEntries } from "./go-text.ts";
import type { Argument, ResourceSchema } from "./schema.ts";

export interface GoSources {
  read(resource: string): ResourceSchema;
}

/** The sources below a folder, tests left out. */
export function openGoSources(folder: string): GoSources {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".go") && !path.endsWith("_test.go") && !path.includes("vendor/"))
    .map((path) => ({ path, text: readFileSync(join(folder, path), "utf8") }));
  return {
    read(resource) {
      const isData = resource.startsWith("data.");
      const name = resource.replace(/^data\./, "");
      const wanted = `${isData ? "data_source" : "resource"}_${name}.go`;
      const file = files.find(({ path }) => path.split("/").at(-1) === wanted);
      if (!file) throw new Error(`Cannot read ${resource}: there is no ${wanted}`);
      const start = file.text.search(/^func \w+\(\) \*schema\.Resource \{/m);
      return schemaIn(bodyAfter(file.text, file.text.indexOf("{", start)), functionsOf(files.map(({ text }) => text)));
    },
  };
}

interface Functions {
  body(name: string): string;
  constant(name: string): string;
}

function functionsOf(texts: readonly string[]): Functions {
  const find = <T>(name: string, look: (text: string) => T | undefined): T => {
    for (const text of texts) {
      const found = look(text);
      if (found !== undefined) return found;
    }
    throw new Error(`Cannot find ${name} in the source`);
  };
  return {
    body: (name) =>
      find(name, (text) => {
        const at = text.search(new RegExp(`^func ${name}\\([^)]*\\) (map\\[string\\])?\\*schema\\.Schema \\{`, "m"));
        return at < 0 ? undefined : bodyAfter(text, text.indexOf("{", at));
      }),
    constant: (name) =>
      find(name, (text) => new RegExp(`^\\s*(?:const )?${name}\\s*=\\s*"([^"]+)"`, "m").exec(text)?.[1]),
  };
}

const literal = /map\[string\]\*schema\.Schema\{/g;

/** Everything that the text's literals and the functions it merges declare. */
function schemaIn(text: string, functions: Functions): ResourceSchema {
  const known: Record<string, Argument> = {};
  const attributes = new Set(["id"]);
  const add = (schema: ResourceSchema) => {
    Object.assign(known, schema.arguments);
    for (const name of schema.attributes) attributes.add(name);
  };
  literal.lastIndex = 0;
  for (let match = literal.exec(text); match; match = literal.exec(text)) {
    const open = match.index + match[0].length - 1;
    const body = bodyAfter(text, open);
    const after = open + body.length;
    add(schemaOfEntries(splitEntries(body), functions));
    literal.lastIndex = after;
  }
  for (const [, name] of text.matchAll(/MergeSchema\(\w+, (?:\w+\.)?(\w+)\(/g))
    add(schemaIn(functions.body(name!), functions));
  return { arguments: known, attributes: [...attributes].toSorted() };
}

function schemaOfEntries(entries: readonly (readonly [string, string])[], functions: Functions): ResourceSchema {
  const known: Record<string, Argument> = {};
  const attributes: string[] = [];
  for (const [key, value] of entries) {
    const name = key.startsWith('"') ? JSON.parse(key) : functions.constant(key.split(".").at(-1)!);
    const call = /^(?:\w+\.)?(\w+)\(/.exec(value);
    const text = call ? functions.body(call[1]!) : value;
    const fields = new Map(splitEntries(bodyAfter(text, text.indexOf("{"))));
    attributes.push(name);
    if (!fields.has("Optional") && !fields.has("Required")) continue;
    known[name] = argumentOf(fields, functions);
  }
  return { arguments: known, attributes };
}

const types: Readonly<Record<string, string>> = {
  TypeString: "string",
  TypeInt: "number",
  TypeFloat: "number",
  TypeBool: "boolean",
  TypeMap: "map",
};

function argumentOf(fields: ReadonlyMap<string, string>, functions: Functions): Argument {
  const required = fields.get("Required") === "true" ? { required: true as const } : {};
  const type = fields.get("Type")!.replace("schema.", "");
  const element = fields.get("Elem") ?? "";
  if (types[type] !== undefined) return { type: types[type], ...required };
  if (!element.startsWith("&schema.Resource")) {
    const entry = /Type:\s*schema\.(\w+)/.exec(element)?.[1];
    return { type: `${types[entry ?? "TypeString"]}[]`, ...required };
  }
  const call = /Schema:\s*(?:\w+\.)?(\w+)\(/.exec(element);
  const inner = schemaIn(call && !element.includes("map[string]") ? functions.body(call[1]!) : element, functions);
  return { type: fields.get("MaxItems") === "1" ? "block" : "blocks", ...required, arguments: inner.arguments };
}
