// Makes generated/field-values.json: the values of fields that take only certain ones. The argument is upstream's
// zz_generated.openapi.go. Run again only when the supported Kubernetes version changes.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const source = process.argv[2];
if (!source) throw new Error("Cannot generate: name upstream's zz_generated.openapi.go");
const target = join(import.meta.dirname, "../src/kubernetes/api/generated");
const types = JSON.parse(readFileSync(join(target, "types.json"), "utf8")) as Record<string, unknown>;
const named = new Map(Object.keys(types).map((name) => [goName(name), name]));

const found = new Map<string, Record<string, string[]>>();
let type: string | undefined;
let field = "";
for (const line of readFileSync(source, "utf8").split("\n")) {
  const opening = /^func schema_(\w+)\(/.exec(line);
  if (opening) type = named.get(opening[1]!);
  field = /^\t{5}"([^"]+)": \{$/.exec(line)?.[1] ?? field;
  const values = /^\s*Enum:\s*\[\]interface\{\}\{(.*)\},$/.exec(line)?.[1];
  if (values === undefined || type === undefined) continue;
  found.set(type, { ...found.get(type), [field]: JSON.parse(`[${values}]`) as string[] });
}
const lines = [...found].map(([name, fields]) => `${JSON.stringify(name)}: ${JSON.stringify(fields)}`);
writeFileSync(join(target, "field-values.json"), `{\n${lines.join(",\n")}\n}\n`);

/** "io.k8s.api.core.v1.Pod" is "k8sio_api_core_v1_Pod" there. */
function goName(name: string): string {
  return name
    .replace(/^io\.k8s\.apimachinery\./, "")
    .replace(/^io\.k8s\./, "k8sio.")
    .replaceAll(/[^A-Za-z0-9]/g, "_");
}
