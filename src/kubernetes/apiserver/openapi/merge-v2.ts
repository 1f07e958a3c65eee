// OpenAPI v2 documents of several servers made one, as upstream's aggregator does: a path belongs to whoever has it first; definitions and
// parameters of one name that say different things are told apart by a number (k8s.io/kube-openapi/pkg/aggregator).

import { isDeepStrictEqual } from "node:util";

type Members = Readonly<Record<string, object>>;

/** The parts of a document that are merged. */
export interface SourceV2 {
  readonly paths: Members;
  readonly definitions: Members;
  readonly parameters: Members;
}

/** What is there before. */
export interface DestinationV2 {
  hasPath(path: string): boolean;
  definition(name: string): object | undefined;
  parameter(name: string): object | undefined;
  /** Whether a name is in use for one. */
  hasDefinition(name: string): boolean;
}

/** What the sources add; definitions may take the place of those before. */
export interface MergedV2 {
  readonly paths: ReadonlyMap<string, object>;
  readonly definitions: ReadonlyMap<string, object>;
  readonly parameters: ReadonlyMap<string, object>;
}

const kindsKey = "x-kubernetes-group-version-kind";
const definitionPrefix = "#/definitions/";
const parameterPrefix = "#/parameters/";

/** Reads another server's document; undefined where it is none. */
export function readSourceV2(content: unknown): SourceV2 | undefined {
  if (!isRecord(content) || !isRecord(content["paths"])) return undefined;
  return {
    paths: recordsOf(content["paths"]),
    definitions: recordsOf(content["definitions"]),
    parameters: recordsOf(content["parameters"]),
  };
}

/** The document with those paths only, and without the definitions that only the others refer to. */
export function filterPaths(source: SourceV2, keep: (path: string) => boolean): SourceV2 {
  const paths = Object.fromEntries(Object.entries(source.paths).filter(([path]) => keep(path)));
  const before = referredBy(source.paths, source);
  const after = referredBy(paths, source);
  const definitions = Object.fromEntries(
    Object.entries(source.definitions).filter(([name]) => after.has(name) || !before.has(name)),
  );
  return { ...source, paths, definitions };
}

/** Merges the sources, the first first. */
export function mergeV2(destination: DestinationV2, sources: readonly SourceV2[]): MergedV2 {
  const paths = new Map<string, object>();
  const definitions = new Map<string, object>();
  const parameters = new Map<string, object>();
  const known: DestinationV2 = {
    hasPath: (path) => paths.has(path) || destination.hasPath(path),
    definition: (name) => definitions.get(name) ?? destination.definition(name),
    parameter: (name) => parameters.get(name) ?? destination.parameter(name),
    hasDefinition: (name) => definitions.has(name) || destination.hasDefinition(name),
  };
  for (const source of sources) {
    const added = withoutConflicts(known, source);
    for (const [name, definition] of Object.entries(added.definitions)) {
      const existing = known.definition(name);
      if (!existing) definitions.set(name, definition);
      else addKinds(existing, definition, (changed) => definitions.set(name, changed));
    }
    for (const [name, parameter] of Object.entries(added.parameters)) {
      if (!known.parameter(name)) parameters.set(name, parameter);
    }
    for (const [path, item] of Object.entries(added.paths)) paths.set(path, item);
  }
  return { paths, definitions, parameters };
}

function withoutConflicts(known: DestinationV2, source: SourceV2): SourceV2 {
  const isNew = (path: string) => !known.hasPath(path);
  const all = Object.keys(source.paths);
  const kept = all.filter(isNew);
  if (kept.length === 0) return { paths: {}, definitions: {}, parameters: {} };
  const filtered = kept.length === all.length ? source : filterPaths(source, isNew);
  const newDefinitions = chooseNames(filtered.definitions, {
    existing: known.definition,
    isUsed: known.hasDefinition,
    isSame: isSameDefinition,
  });
  const newParameters = chooseNames(filtered.parameters, {
    existing: known.parameter,
    isUsed: (name) => known.parameter(name) !== undefined,
    isSame: isDeepStrictEqual,
  });
  if (newDefinitions.size + newParameters.size === 0) return filtered;
  const references = new Map<string, string>();
  for (const [name, to] of newDefinitions) references.set(definitionPrefix + name, definitionPrefix + to);
  for (const [name, to] of newParameters) references.set(parameterPrefix + name, parameterPrefix + to);
  const rename = (members: Members, names: ReadonlyMap<string, string>): Members =>
    Object.fromEntries(
      Object.entries(members).map(([name, member]) => [
        names.get(name) ?? name,
        replaceReferences(member, references) as object,
      ]),
    );
  return {
    paths: rename(filtered.paths, new Map()),
    definitions: rename(filtered.definitions, newDefinitions),
    parameters: rename(filtered.parameters, newParameters),
  };
}

interface Names {
  existing(name: string): object | undefined;
  isUsed(name: string): boolean;
  isSame(one: object, other: object): boolean;
}

/** Other names for members whose name stands for something else already: "X_v2", or the next that is free or the same. */
function chooseNames(members: Members, { existing, isUsed, isSame }: Names): Map<string, string> {
  const renames = new Map<string, string>();
  const taken = new Set<string>();
  for (const [name, member] of Object.entries(members)) {
    const before = existing(name);
    if (!before || isSame(before, member)) continue;
    for (let number = 2; ; number++) {
      const next = `${name}_v${number}`;
      const there = existing(next);
      if (there && isSame(there, member)) {
        renames.set(name, next);
        break;
      }
      if (isUsed(next) || taken.has(next) || members[next]) continue;
      renames.set(name, next);
      taken.add(next);
      break;
    }
  }
  return renames;
}

function isSameDefinition(one: object, other: object): boolean {
  return isDeepStrictEqual(withoutKinds(one), withoutKinds(other));
}

function withoutKinds(schema: object): object {
  if (!(kindsKey in schema)) return schema;
  const { [kindsKey]: _, ...rest } = schema as Record<string, unknown>;
  return rest;
}

/** Types such as DeleteOptions are known by a kind in every group: each document names its own. */
function addKinds(existing: object, added: object, change: (changed: object) => void): void {
  const before = kindsOf(existing);
  const known = new Set(before.map(formatKind));
  const fresh = kindsOf(added).filter((kind) => !known.has(formatKind(kind)));
  if (fresh.length === 0) return;
  const all = [...before, ...fresh].sort((a, b) => (formatKind(a) < formatKind(b) ? -1 : 1));
  change({ ...existing, [kindsKey]: all });
}

function kindsOf(schema: object): readonly Readonly<Record<string, unknown>>[] {
  const kinds = (schema as Record<string, unknown>)[kindsKey];
  return Array.isArray(kinds) ? kinds.filter(isRecord) : [];
}

function formatKind({ group, version, kind }: Readonly<Record<string, unknown>>): string {
  return `${String(group)}/${String(version)}.${String(kind)}`;
}

/** The names of all definitions that are reached from the paths. */
function referredBy(paths: Members, { definitions, parameters }: SourceV2): Set<string> {
  const found = new Set<string>();
  const waiting: unknown[] = [paths, parameters];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    visitReferences(value, (reference) => {
      if (!reference.startsWith(definitionPrefix)) return;
      const name = reference.slice(definitionPrefix.length);
      if (found.has(name)) return;
      found.add(name);
      if (definitions[name]) waiting.push(definitions[name]);
    });
  }
  return found;
}

function visitReferences(value: unknown, visit: (reference: string) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visitReferences(item, visit);
  } else if (isRecord(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (key === "$ref" && typeof item === "string") visit(item);
      else visitReferences(item, visit);
    }
  }
}

function replaceReferences(value: unknown, references: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => replaceReferences(item, references));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === "$ref" && typeof item === "string" ? (references.get(item) ?? item) : replaceReferences(item, references),
    ]),
  );
}

function recordsOf(value: unknown): Members {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).filter(([, item]) => isRecord(item))) as Members;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
