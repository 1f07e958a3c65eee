// Reads a resource's schema off the published TypeScript bindings of an OpenTofu provider: an unpacked npm package such as
// @cdktn/provider-aws.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Argument, ResourceSchema } from "./schema.ts";

export function readBindings(folder: string, resource: string): ResourceSchema {
  const isData = resource.startsWith("data.");
  const words = resource.replace(/^data\./, "").split("_");
  const path = join(folder, "lib", [...(isData ? ["data"] : []), ...words.slice(isData ? 0 : 1)].join("-"), "index");
  const interfaces = readInterfaces(readDeclarations(path));
  const main = [...interfaces.keys()].find((name) => name.endsWith("Config") && interfaces.get(name)!.isMain);
  if (main === undefined) throw new Error(`Cannot read ${resource}: its bindings have no configuration`);
  const code = readFileSync(`${path}.js`, "utf8");
  const ownClass = code.slice(code.search(/class \w+ extends \w+\.Terraform(Resource|DataSource) /));
  const attributes = [...ownClass.matchAll(/(?:get\w*Attribute\(|new \w+\(this, )["'](\w+)["']/g)].map(
    (match) => match[1]!,
  );
  const known = expand(interfaces, main);
  return { arguments: known, attributes: [...new Set(["id", ...attributes])].toSorted() };
}

/** Large resources keep their blocks in files beside the main one. */
function readDeclarations(path: string): string {
  const beside = `${path}-structs`;
  const others = existsSync(beside) ? readdirSync(beside).filter((name) => name.endsWith(".d.ts")) : [];
  return [`${path}.d.ts`, ...others.map((name) => join(beside, name))]
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
}

interface Interface {
  readonly isMain: boolean;
  /** From the argument's name to its type in TypeScript; "?" ahead where it may be left out. */
  readonly fields: ReadonlyMap<string, string>;
}

function readInterfaces(text: string): Map<string, Interface> {
  const found = new Map<string, Interface>();
  for (const [, name, parent, body] of text.matchAll(/^export interface (\w+)( extends [\w.]+)? \{\n(.*?)^\}/gms)) {
    const fields = new Map<string, string>();
    // The documentation's link names the argument as OpenTofu does; what follows it is the field.
    for (const [, argument, optional, type] of body!.matchAll(
      /#\w+ \w+#(\w+)\}.*?readonly \w+(\??): (\{.*?\}[^;]*|[^;]+);/gs,
    )) {
      fields.set(argument!, `${optional}${type}`);
    }
    found.set(name!, { isMain: parent?.includes("TerraformMetaArguments") === true, fields });
  }
  return found;
}

function expand(interfaces: ReadonlyMap<string, Interface>, name: string): Record<string, Argument> {
  const result: Record<string, Argument> = {};
  for (const [argument, text] of interfaces.get(name)!.fields) {
    if (argument === "timeouts") continue;
    const type = text.replace(/^\?/, "").replace(/ \| \w+\.IResolvable/g, "");
    const block = interfaces.has(type.replace("[]", "")) ? type.replace("[]", "") : undefined;
    result[argument] = {
      type: block ? (type.endsWith("[]") ? "blocks" : "block") : type.startsWith("{") ? "map" : type,
      ...(!text.startsWith("?") && { required: true as const }),
      ...(block && { arguments: expand(interfaces, block) }),
    };
  }
  return result;
}
