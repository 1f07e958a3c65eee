import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObjectSchema } from "../../schema.ts";
import { schemaOf, schemaOfKind } from "../../types-table.ts";
import { unifiedDiff } from "./diff/unified-diff.ts";
import { settleEmptyValues } from "./empty-values.ts";
import { internalForm } from "./internal-form.ts";
import { deepEqual, semanticEqual } from "./semantic-equal.ts";

const podSchema = schemaOfKind("", "v1", "Pod")!;

function settled(schema: ObjectSchema, object: object): object {
  settleEmptyValues(schema, object);
  return object;
}

test("settleEmptyValues: drops what says nothing", () => {
  const object = {
    metadata: { name: "a", labels: {}, finalizers: [] },
    spec: { nodeName: "", containers: [{ name: "c" }] },
  };
  assert.deepEqual(settled(podSchema, object), {
    metadata: { name: "a" },
    spec: { containers: [{ name: "c", resources: {} }] },
    status: {},
  });
});

test("settleEmptyValues: keeps what Go has a pointer for", () => {
  const spec = {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: {},
    hostUsers: false,
  };
  const object = settled(podSchema, { metadata: {}, spec: { ...spec, containers: [] } });
  assert.deepEqual(object, { metadata: {}, spec: { ...spec, containers: null }, status: {} });
});

test("settleEmptyValues: a port is a number or a name, even an empty one", () => {
  const schema = schemaOf("io.k8s.api.core.v1.HTTPGetAction") as ObjectSchema;
  assert.deepEqual(settled(schema, { port: "" }), { port: "" });
  assert.deepEqual(settled(schema, {}), { port: 0 });
});

test("settleEmptyValues: group and kind of a reference are fields as any other", () => {
  const schema = schemaOf("io.k8s.api.core.v1.TypedObjectReference") as ObjectSchema;
  assert.deepEqual(settled(schema, { apiGroup: "", namespace: "" }), {
    apiGroup: "",
    kind: "",
    name: "",
    namespace: "",
  });
  assert.deepEqual(settled(schema, {}), { apiGroup: null, kind: "", name: "" });
});

test("semanticEqual: amounts by what they are worth, absent lists as empty ones", () => {
  const schema = schemaOf("io.k8s.api.core.v1.Container");
  const one = { name: "c", resources: { limits: { cpu: "1", memory: "1Gi" } } };
  assert.ok(
    semanticEqual(schema, one, { ...one, args: [], resources: { limits: { cpu: "1000m", memory: "1024Mi" } } }),
  );
  assert.ok(!semanticEqual(schema, one, { ...one, resources: { limits: { cpu: "1" } } }));
  assert.ok(!semanticEqual(schema, one, { ...one, tty: true }));
});

test("deepEqual: whatever the order of fields, absent as null", () => {
  assert.ok(deepEqual({ a: 1, b: [{ c: null }] }, { b: [{}], a: 1 }));
  assert.ok(!deepEqual([1, 2], [2, 1]));
  assert.ok(!deepEqual({ a: {} }, {}));
});

test("internalForm: shows all fields of Go's struct, by their names and in their order", () => {
  assert.deepEqual(JSON.stringify(internalForm("ServicePort", { port: 80, protocol: "TCP" })), servicePort);
  assert.deepEqual(internalForm("map:string", { b: "1", a: "2" }), { a: "2", b: "1" });
  assert.equal(internalForm("*VolumeNodeAffinity", undefined), null);
});

const servicePort = '{"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}';

test("internalForm: Go's pointers show false, its omitted values do not", () => {
  const [reference] = internalForm("[]OwnerReference", [{ name: "a", blockOwnerDeletion: false }]) as object[];
  assert.deepEqual(reference, { apiVersion: "", kind: "", name: "a", uid: "", blockOwnerDeletion: false });
});

const letters = [..."abcdefghijklmnopqrstuvwxyz"];
const diffs: readonly (readonly [name: string, a: readonly string[], b: readonly string[], diff: string])[] = [
  ["nothing to tell", letters, letters, ""],
  ["three lines around a change", letters, letters.with(9, "J"), "@@ -7,7 +7,7 @@\n g\n h\n i\n-j\n+J\n k\n l\n m\n"],
  ["an added first line", ["a"], ["b", "a"], "@@ -1 +1,2 @@\n+b\n a\n"],
  [
    "changes far apart are told apart",
    letters,
    letters.with(0, "A").with(25, "Z"),
    "@@ -1,4 +1,4 @@\n-a\n+A\n b\n c\n d\n@@ -23,4 +23,4 @@\n w\n x\n y\n-z\n+Z\n",
  ],
];
for (const [name, a, b, diff] of diffs) {
  test(`unifiedDiff: ${name}`, () => assert.equal(unifiedDiff(a, b), diff));
}
