// Makes generated/go-types.json (how errors name the Go types of fields) and generated/protobuf-paths.json (the numbers of fields
// that lie in embedded messages), where the types table alone does not tell. The argument is the output of tools/go-types. Run
// again only when the supported Kubernetes version changes.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface GoField {
  readonly go: string;
  readonly via?: string;
  readonly numbers?: readonly number[];
}

interface GoFacts {
  readonly structs: Readonly<Record<string, Readonly<Record<string, GoField>>>>;
  readonly named: Readonly<Record<string, string>>;
}

const source = process.argv[2];
if (!source) throw new Error("Cannot generate: name the file that tools/go-types wrote");
const facts = JSON.parse(readFileSync(source, "utf8")) as GoFacts;
const target = join(import.meta.dirname, "../src/kubernetes/api/generated");
const types = JSON.parse(readFileSync(join(target, "types.json"), "utf8")) as Record<
  string,
  { fields?: Record<string, { t: string; n?: number }> }
>;
const goNames = new Map(Object.entries(facts.structs).map(([name, fields]) => [openApiName(name), fields]));
const named = new Set<string>();

const lines = Object.entries(types).flatMap(([type, { fields = {} }]) => {
  const differing = Object.entries(fields).flatMap(([field, { t }]) => {
    const fact = goNames.get(type)?.[field];
    if (!fact || fact.via === "TypeMeta") return [];
    const name = fact.go === derive(t) ? "" : fact.go;
    noteNamed(fact.go);
    return name || fact.via ? [[field, fact.via ? `${fact.via}:${name}` : name]] : [];
  });
  return differing.length ? [`${JSON.stringify(type)}: ${JSON.stringify(Object.fromEntries(differing))}`] : [];
});
const paths = Object.entries(types).flatMap(([type, { fields = {} }]) => {
  const unnumbered = Object.keys(fields).filter((field) => fields[field]?.n === undefined);
  const numbers = unnumbered.flatMap((field) => {
    const fact = goNames.get(type)?.[field];
    return fact?.numbers && fact.via !== "TypeMeta" ? [[field, fact.numbers]] : [];
  });
  return numbers.length ? [`${JSON.stringify(type)}: ${JSON.stringify(Object.fromEntries(numbers))}`] : [];
});
writeFileSync(join(target, "protobuf-paths.json"), `{\n${paths.join(",\n")}\n}\n`);
const namedEntries = [...named].sort().map((name) => [name, facts.named[name]]);
writeFileSync(
  join(target, "go-types.json"),
  `{\n"named": ${JSON.stringify(Object.fromEntries(namedEntries))},\n"fields": {\n${lines.join(",\n")}\n}\n}\n`,
);

/** "k8s.io/api/core/v1.Pod" is "io.k8s.api.core.v1.Pod". */
function openApiName(goName: string): string {
  return goName.replace("k8s.io/", "io.k8s.").replaceAll("/", ".");
}

/** The Go type the table's type expression suggests. */
function derive(type: string): string {
  if (type.startsWith("[]")) return `[]${derive(type.slice(2))}`;
  if (type.startsWith("map:")) return `map[string]${derive(type.slice("map:".length))}`;
  const scalars: Record<string, string> = {
    boolean: "bool",
    "integer:int32": "int32",
    "integer:int64": "int64",
    "number:double": "float64",
    "string:byte": "[]uint8",
  };
  return scalars[type] ?? type.split(".").slice(-2).join(".");
}

/** Remembers the named lists and maps a type mentions. */
function noteNamed(goType: string): void {
  for (const name of goType.match(/\w+\.\w+/g) ?? []) {
    if (facts.named[name] && !named.has(name)) {
      named.add(name);
      noteNamed(facts.named[name]);
    }
  }
}
