// Checks who imports whom: parts only in the directions of the table below and only by their index (the "#part" names of
// package.json); no cycles between files; packages only where CONTRIBUTING.md names them.

import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** From each part to the parts it may import besides `shared`. The same table as DESIGN and ARCHITECTURE.md. */
export const directions: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  grpc: [],
  config: [],
  turnup: ["config", "provision", "bootstrap", "addons"],
  provision: ["config"],
  bootstrap: ["config", "provision"],
  addons: ["config", "kubernetes/api", "kubernetes/client"],
  lifecycle: ["config", "turnup", "kubernetes/api", "kubernetes/client", "kubernetes/runtime"],
  // The two processes of a cluster: each puts components together.
  controlplane: [
    "bootstrap",
    "kubernetes/api",
    "kubernetes/apiserver",
    "kubernetes/client",
    "kubernetes/controllers",
    "kubernetes/kubelet",
    "kubernetes/runtime",
    "kubernetes/scheduler",
    "kubernetes/storage",
    "kubernetes/store",
  ],
  agent: [
    "bootstrap",
    "kubernetes/api",
    "kubernetes/client",
    "kubernetes/dns",
    "kubernetes/kubelet",
    "kubernetes/proxy",
    "kubernetes/runtime",
    "kubernetes/storage",
  ],
  serving: ["kubernetes/api", "kubernetes/client", "kubernetes/runtime"],
  dashboard: ["kubernetes/api", "kubernetes/client", "turnup"],
  "kubernetes/api": [],
  "kubernetes/cel": ["kubernetes/api"],
  "kubernetes/store": ["grpc", "kubernetes/api"],
  "kubernetes/apiserver": ["grpc", "kubernetes/api", "kubernetes/cel", "kubernetes/store"],
  "kubernetes/client": ["kubernetes/api"],
  "kubernetes/runtime": ["kubernetes/api", "kubernetes/client"],
  "kubernetes/controllers": ["kubernetes/api", "kubernetes/cel", "kubernetes/client", "kubernetes/runtime"],
  "kubernetes/scheduler": ["kubernetes/api", "kubernetes/cel", "kubernetes/client", "kubernetes/runtime"],
  "kubernetes/kubelet": ["grpc", "kubernetes/api", "kubernetes/client", "kubernetes/runtime"],
  "kubernetes/proxy": ["kubernetes/api", "kubernetes/client", "kubernetes/runtime"],
  "kubernetes/dns": ["kubernetes/api", "kubernetes/client", "kubernetes/runtime"],
  "kubernetes/storage": ["kubernetes/api", "kubernetes/client", "kubernetes/runtime"],
};

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

/** Everything wrong, one line each. */
export function checkImports(root: string, files: readonly string[]): string[] {
  const problems: string[] = [];
  const graph = new Map<string, string[]>();
  const packages = readJson(join(root, "package.json"));
  const contributing = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
  for (const file of files) {
    const text = readFileSync(join(root, file), "utf8");
    const edges: string[] = [];
    for (const { target, typeOnly } of readImports(text)) {
      const resolved = resolveImport(file, target, packages.imports);
      if (resolved && !typeOnly) edges.push(resolved);
      const problem = checkImport(file, target, resolved);
      if (problem) problems.push(`${file}: ${problem}`);
    }
    graph.set(file, edges);
  }
  for (const name of Object.keys(packages.dependencies ?? {})) {
    if (!contributing.includes(`\`${name}\``)) problems.push(`package.json: ${name} has no line in CONTRIBUTING.md`);
  }
  return [...problems, ...findCycles(graph)];
}

function readJson(path: string): { imports: Record<string, string>; dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(path, "utf8"));
}

function readImports(text: string): Import[] {
  const imports: Import[] = [];
  const statement = /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
  for (const match of text.matchAll(statement)) imports.push({ target: match[2]!, typeOnly: match[1] !== undefined });
  // A lazy import is no edge of the load-time graph, but its direction counts.
  for (const match of text.matchAll(/\bimport\("([^"]+)"\)/g)) imports.push({ target: match[1]!, typeOnly: true });
  return imports;
}

function resolveImport(file: string, target: string, aliases: Record<string, string>): string | undefined {
  if (target.startsWith(".")) return normalize(join(dirname(file), target));
  return aliases[target]?.replace(/^\.\//, "");
}

function checkImport(file: string, target: string, resolved: string | undefined): string | undefined {
  const from = partOf(file);
  if (from === undefined) return undefined;
  if (target.startsWith("#") && !resolved) return `"${target}" is no part: see "imports" in package.json`;
  if (!resolved || resolved.endsWith(".json")) return undefined;
  const to = partOf(resolved);
  if (to === undefined) return `"${target}" leaves src`;
  if (to === from) return target.startsWith("#") ? `"${target}" is its own part: import the file` : undefined;
  if (target.startsWith(".")) return `"${target}" reaches into ${to}: import "#${to}"`;
  if (isComposer(file, from) || to === "shared") return undefined;
  if (directions[from]?.includes(to)) return undefined;
  return `${from} may not import ${to}`;
}

/** The command line and each process's main.ts are the only places that put parts together; so is the package's front door. */
function isComposer(file: string, part: string): boolean {
  return part === "cli" || part === "index" || file.endsWith("/main.ts") || file.endsWith(".test.ts");
}

/** The part a file belongs to: "kubernetes/store", "config"; "index" for src/index.ts; undefined outside src. */
function partOf(file: string): string | undefined {
  const [top, first, second] = file.split("/");
  if (top !== "src" || first === undefined) return undefined;
  if (second === undefined) return first.replace(/\.ts$/, "");
  return first === "kubernetes" ? `kubernetes/${second}` : first;
}

function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = [];
  const state = new Map<string, "open" | "closed">();
  const path: string[] = [];
  const visit = (file: string): void => {
    if (state.get(file) === "closed") return;
    if (state.get(file) === "open") {
      cycles.push(`cycle: ${[...path.slice(path.indexOf(file)), file].join(" → ")}`);
      return;
    }
    state.set(file, "open");
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    state.set(file, "closed");
  };
  for (const file of graph.keys()) visit(file);
  return cycles;
}
