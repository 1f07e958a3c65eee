import assert from "node:assert/strict";
import { test } from "node:test";
import { type DestinationV2, filterPaths, mergeV2, readSourceV2, type SourceV2 } from "./merge-v2.ts";

const kinds = "x-kubernetes-group-version-kind";
const ref = (name: string) => ({ $ref: `#/definitions/${name}` });
const pathTo = (name: string) => ({ get: { responses: { 200: { description: "OK", schema: ref(name) } } } });

function document(parts: Partial<SourceV2>): SourceV2 {
  return { paths: {}, definitions: {}, parameters: {}, ...parts };
}

function destinationOf(source: SourceV2): DestinationV2 {
  return {
    hasPath: (path) => path in source.paths,
    hasDefinition: (name) => name in source.definitions,
    definition: (name) => source.definitions[name],
    parameter: (name) => source.parameters[name],
  };
}

const plain = ({ paths, definitions, parameters }: ReturnType<typeof mergeV2>) => ({
  paths: Object.fromEntries(paths),
  definitions: Object.fromEntries(definitions),
  parameters: Object.fromEntries(parameters),
});

test("mergeV2: what is not there is added", () => {
  const added = document({ paths: { "/b": pathTo("B") }, definitions: { B: { type: "object" } } });
  const merged = mergeV2(destinationOf(document({ paths: { "/a": {} }, definitions: { A: {} } })), [added]);
  assert.deepEqual(plain(merged), added);
});

test("mergeV2: a path belongs to whoever has it first; what only its other self needs is left out", () => {
  const destination = destinationOf(document({ paths: { "/a": pathTo("A") }, definitions: { A: {} } }));
  const source = document({
    paths: { "/a": pathTo("Other"), "/b": pathTo("B") },
    definitions: { Other: { type: "string" }, B: { properties: { c: ref("C") } }, C: {}, Unused: {} },
  });
  const merged = plain(mergeV2(destination, [source]));
  assert.deepEqual(Object.keys(merged.paths), ["/b"]);
  assert.deepEqual(Object.keys(merged.definitions), ["B", "C", "Unused"]);
  const same = mergeV2(destination, [document({ paths: { "/a": {} }, definitions: { Z: {} } })]);
  assert.deepEqual(plain(same), { paths: {}, definitions: {}, parameters: {} });
});

test("mergeV2: definitions of one name that say the same are one, and known by the kinds of both", () => {
  const kindOf = (group: string) => ({ group, version: "v1", kind: "DeleteOptions" });
  const options = (...groups: string[]) => ({ type: "object", [kinds]: groups.map(kindOf) });
  const source = document({ paths: { "/b": pathTo("Options") }, definitions: { Options: options("b", "m") } });
  const destination = destinationOf(document({ definitions: { Options: options("a", "m") } }));
  const merged = plain(mergeV2(destination, [source]));
  assert.deepEqual(merged.definitions, { Options: options("a", "b", "m") });
  assert.deepEqual(merged.paths, source.paths);
  const again = mergeV2(destinationOf(document({ definitions: merged.definitions })), [source]);
  assert.equal(again.definitions.size, 0);
});

test("mergeV2: definitions and parameters of one name that say different things are told apart, wherever they are meant", () => {
  const destination = destinationOf(
    document({
      definitions: { Meta: { description: "ours" }, Meta_v2: { description: "another's" } },
      parameters: { pretty: { name: "pretty", in: "query" } },
    }),
  );
  const source = document({
    paths: { "/b": { parameters: [{ $ref: "#/parameters/pretty" }], ...pathTo("B") } },
    definitions: {
      B: { properties: { metadata: ref("Meta"), $ref: { type: "string" } } },
      Meta: { description: "theirs" },
    },
    parameters: { pretty: { name: "pretty", in: "header" } },
  });
  const merged = plain(mergeV2(destination, [source]));
  assert.deepEqual(merged.definitions, {
    B: { properties: { metadata: ref("Meta_v3"), $ref: { type: "string" } } },
    Meta_v3: { description: "theirs" },
  });
  assert.deepEqual(merged.parameters, { pretty_v2: { name: "pretty", in: "header" } });
  assert.deepEqual(merged.paths["/b"], { parameters: [{ $ref: "#/parameters/pretty_v2" }], ...pathTo("B") });
  // A third server that says what the second says shares its names; not where they refer to others, which are compared as they came.
  const third = document({ ...source, paths: { "/c": pathTo("Meta") } });
  const both = plain(mergeV2(destination, [source, third]));
  assert.deepEqual(both.paths["/c"], pathTo("Meta_v3"));
  assert.deepEqual(Object.keys(both.definitions), ["B", "Meta_v3", "B_v2"]);
});

test("filterPaths: keeps what the kept paths reach, and what nobody reaches", () => {
  const source = document({
    paths: { "/apis/g/v1/a": pathTo("A"), "/apis/g/v2/b": pathTo("B") },
    definitions: { A: { items: ref("Shared") }, B: { items: ref("Deep") }, Deep: {}, Shared: {}, Unused: {} },
  });
  const { paths, definitions } = filterPaths(source, (path) => path.startsWith("/apis/g/v1/"));
  assert.deepEqual(Object.keys(paths), ["/apis/g/v1/a"]);
  assert.deepEqual(Object.keys(definitions), ["A", "Shared", "Unused"]);
});

test("readSourceV2: what is no such document is none", () => {
  for (const content of [undefined, null, 3, "x", [], {}, { paths: [] }])
    assert.equal(readSourceV2(content), undefined);
  const read = readSourceV2({ paths: { "/a": {}, "/b": "no" }, definitions: 7 });
  assert.deepEqual(read, { paths: { "/a": {} }, definitions: {}, parameters: {} });
});
