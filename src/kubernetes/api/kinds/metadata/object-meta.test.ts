import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObjectMeta } from "../../generated/types.ts";
import { checkDNSLabelName } from "../../names.ts";
import { describe } from "../testing/kind-rows.ts";
import { checkLongName } from "./long-name.ts";
import { type ObjectMetaRules, validateMetadataOfCreate, validateMetadataOfUpdate } from "./object-meta.ts";

const namespaced = { namespaced: true };
const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "r", uid: "u", controller: true };

type CreateRow = readonly [name: string, meta: ObjectMeta, errors: readonly string[], rules?: ObjectMetaRules];
const createRows: readonly CreateRow[] = [
  ["fine: a name", { name: "a" }, []],
  ["a name is needed", {}, ["metadata.name: Required value: name or generateName is required"]],
  [
    "names are as the kind has them",
    { name: "a.b", generateName: "A-x-" },
    [
      "metadata.generateName: Invalid value: \"A-x-\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (…)",
      'metadata.name: Invalid value: "a.b": must not contain dots',
    ],
    { ...namespaced, validateName: checkDNSLabelName },
  ],
  [
    "clusters have no namespaces",
    { name: "a" },
    ["metadata.namespace: Forbidden: not allowed on this type"],
    { namespaced: false },
  ],
  [
    "namespaces are labels",
    { name: "a", namespace: "a.b" },
    ['metadata.namespace: Invalid value: "a.b": must not contain dots'],
  ],
  [
    "generations count up",
    { name: "a", generation: -1 },
    ["metadata.generation: Invalid value: -1: must be greater than or equal to 0"],
  ],
  [
    "labels have keys and values",
    { name: "a", labels: { "/a": "b/c" } },
    [
      'metadata.labels: Invalid value: "/a": prefix part must be non-empty',
      "metadata.labels: Invalid value: \"b/c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
    ],
  ],
  ["fine: annotations hold anything, keys in any case", { name: "a", annotations: { "A.b/C": "\u0000 é" } }, []],
  [
    "annotations fit into 256 KiB",
    { name: "a", annotations: { a: "x".repeat(256 * 1024) } },
    ["metadata.annotations: Too long: may not be more than 262144 bytes"],
  ],
  [
    "finalizers have a domain or are standard, one of deletion's two",
    { name: "a", finalizers: ["orphan", "foregroundDeletion", "mine", "a.b/c"] },
    [
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion","mine","a.b/c"]: finalizer orphan and foregroundDeletion cannot be both set',
      'metadata.finalizers[2]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
    ],
  ],
  [
    "fine: custom resources have any finalizers",
    { name: "a", finalizers: ["mine"] },
    [],
    { ...namespaced, standardFinalizers: false },
  ],
  ["fine: an owner", { name: "a", ownerReferences: [owner] }, []],
  [
    "owners are complete, and no events",
    {
      name: "a",
      ownerReferences: [
        { apiVersion: "", kind: "", name: "", uid: "" },
        { ...owner, apiVersion: "v1", kind: "Event" },
      ],
    },
    [
      'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
      'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
      'metadata.ownerReferences.name: Invalid value: "": must not be empty',
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
      'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"r","uid":"u","controller":true}: /v1, Kind=Event is disallowed from being an owner',
    ],
  ],
];
for (const [name, meta, errors, rules = namespaced] of createRows) {
  test(`validateMetadataOfCreate: ${name}`, () => {
    assert.deepEqual(describe(validateMetadataOfCreate({ namespace: "default", ...meta }, rules)), errors);
  });
}

const old: ObjectMeta = { name: "a", namespace: "default", uid: "u", resourceVersion: "1", generation: 2 };
type UpdateRow = readonly [name: string, change: ObjectMeta, old: ObjectMeta, errors: readonly string[]];
const updateRows: readonly UpdateRow[] = [
  ["fine: labels", { labels: { a: "b" } }, {}, []],
  ["fine: an old name of any form", { name: "A_b" }, { name: "A_b" }, []],
  [
    "a version is needed",
    { resourceVersion: "" },
    {},
    ['metadata.resourceVersion: Invalid value: "": must be specified for an update'],
  ],
  [
    "names and identity stay",
    { name: "b", uid: "v" },
    {},
    ['metadata.name: Invalid value: "b": field is immutable', 'metadata.uid: Invalid value: "v": field is immutable'],
  ],
  ["generations count up", { generation: 1 }, {}, ["metadata.generation: Invalid value: 1: must not be decremented"]],
  [
    "who is being deleted gets no new finalizers",
    { finalizers: ["a.b/c", "a.b/d"], deletionTimestamp: "2026-01-01T00:00:00Z" },
    { finalizers: ["a.b/c"], deletionTimestamp: "2026-01-01T00:00:00Z" },
    [
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/d"}',
    ],
  ],
];
for (const [name, change, oldChange, errors] of updateRows) {
  test(`validateMetadataOfUpdate: ${name}`, () => {
    const result = validateMetadataOfUpdate({ ...old, ...change }, { ...old, ...oldChange }, namespaced, []);
    assert.deepEqual(describe(result), errors);
  });
}

test("validateMetadataOfUpdate: what the kind looks at again is told again", () => {
  const change = {
    ...old,
    generateName: "A_",
    labels: { a: "!" },
    finalizers: ["mine"],
    deletionGracePeriodSeconds: 5,
  };
  const fieldsOf = (checks?: Parameters<typeof validateMetadataOfUpdate>[3]) =>
    validateMetadataOfUpdate(change, old, namespaced, checks).map(({ field }) => field.split(".")[1]!.slice(0, 5));
  const first = ["label", "delet", "label"];
  const update = ["delet", "label", "final"];
  const object = ["gener", "label", "final"];
  assert.deepEqual(fieldsOf([]), first);
  assert.deepEqual(fieldsOf(), [...first, ...update]);
  assert.deepEqual(fieldsOf(["object", "update"]), [...first, ...object, ...update]);
});

test("checkLongName: counts bytes, and leaves prefixes to what is made of them", () => {
  assert.deepEqual(checkLongName("a".repeat(254), false), ["must be no more than 253 bytes"]);
  assert.deepEqual(checkLongName("A", true), []);
  assert.deepEqual(checkLongName("a/b", true), ["may not contain '/'"]);
});
