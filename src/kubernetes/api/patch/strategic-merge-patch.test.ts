import assert from "node:assert/strict";
import test from "node:test";
import { StatusError } from "../status-error.ts";
import { schemaOfKind } from "../types-table.ts";
import type { JsonObject } from "./json-value.ts";
import { applyStrategicMergePatch } from "./strategic-merge-patch.ts";

const podSchema = schemaOfKind("", "v1", "Pod")!;
const deploymentSchema = schemaOfKind("apps", "v1", "Deployment")!;

test("strategic merge: items are matched by the merge key of their list, scalars merge where the schema says so", () => {
  const pod = {
    metadata: { finalizers: ["a"], labels: { x: "1", y: "2" } },
    spec: {
      containers: [
        { name: "c", args: ["x"], env: [{ name: "A", value: "1" }], ports: [{ containerPort: 80 }] },
        { name: "d", image: "redis" },
      ],
    },
  };
  const patched = patchPod(pod, {
    metadata: { finalizers: ["b"], labels: { x: null, z: "3" } },
    spec: {
      containers: [{ name: "c", args: ["y"], env: [{ name: "B", value: "2" }], ports: [{ containerPort: 81 }] }],
    },
  });
  assert.deepEqual(patched, {
    metadata: { finalizers: ["b", "a"], labels: { y: "2", z: "3" } },
    spec: {
      containers: [
        {
          name: "c",
          args: ["y"],
          env: [
            { name: "B", value: "2" },
            { name: "A", value: "1" },
          ],
          ports: [{ containerPort: 81 }, { containerPort: 80 }],
        },
        { name: "d", image: "redis" },
      ],
    },
  });
});

test("strategic merge: neither argument changes, and what the patch does not reach is shared", () => {
  const pod = {
    metadata: { labels: { a: "b" } },
    spec: {
      containers: [
        { name: "c", image: "x" },
        { name: "d", resources: {} },
      ],
      volumes: [{ name: "v" }],
    },
  };
  const before = structuredClone(pod);
  const patch = { spec: { containers: [{ name: "c", image: "y" }] } };
  const patched = patchPod(pod, patch) as typeof pod;
  assert.deepEqual(pod, before);
  assert.deepEqual(patch, { spec: { containers: [{ name: "c", image: "y" }] } });
  assert.equal(patched.metadata, pod.metadata);
  assert.equal(patched.spec.volumes, pod.spec.volumes);
  assert.equal(patched.spec.containers[1], pod.spec.containers[1]);
});

test("strategic merge: a patch that changes nothing gives the target itself", () => {
  const pod = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "x" }] } };
  for (const patch of [
    {},
    null,
    { metadata: { labels: { a: "b", none: null } } },
    { spec: { containers: [{ name: "c", image: "x" }] } },
  ]) {
    assert.equal(patchPod(pod, patch), pod);
  }
});

test("strategic merge: $patch replaces or deletes an object, and deletes items of a list", () => {
  const pod = {
    metadata: { labels: { a: "1" }, annotations: { b: "2" } },
    spec: { containers: [{ name: "c" }, { name: "d" }, { name: "e" }] },
  };
  const patched = patchPod(pod, {
    metadata: { labels: { $patch: "replace", only: "1" }, annotations: { $patch: "delete" } },
    spec: { containers: [{ name: "d", $patch: "delete" }, { name: "f" }] },
  });
  assert.deepEqual(patched, {
    metadata: { labels: { only: "1" }, annotations: {} },
    spec: { containers: [{ name: "f" }, { name: "c" }, { name: "e" }] },
  });
});

test("strategic merge: $patch: replace as an item takes the patch's list alone", () => {
  const pod = { spec: { containers: [{ name: "c" }, { name: "d" }] } };
  const patch = { spec: { containers: [{ $patch: "replace" }, { name: "x" }, { name: "c", $patch: "delete" }] } };
  assert.deepEqual(patchPod(pod, patch), { spec: { containers: [{ name: "x" }] } });
});

test("strategic merge: what is new comes without nulls and without objects that carry a directive", () => {
  const patch = {
    metadata: { labels: { a: null, b: "1" }, annotations: { $patch: "delete" } },
    spec: {
      containers: [
        { name: "c", image: null },
        { name: "d", $patch: "delete" },
      ],
      securityContext: { runAsUser: null },
    },
  };
  assert.deepEqual(patchPod({}, patch), {
    metadata: { labels: { b: "1" } },
    spec: { containers: [{ name: "c" }], securityContext: {} },
  });
});

test("strategic merge: lists without a merge strategy are replaced", () => {
  const pod = { spec: { tolerations: [{ key: "k" }], containers: [{ name: "c", args: ["a", "b"] }] } };
  const patch = { spec: { tolerations: [{ key: "z" }], containers: [{ name: "c", args: ["x"] }] } };
  assert.deepEqual(patchPod(pod, patch), {
    spec: { tolerations: [{ key: "z" }], containers: [{ name: "c", args: ["x"] }] },
  });
});

test("strategic merge: $deleteFromPrimitiveList takes scalars out", () => {
  const pod = { metadata: { finalizers: ["a", "b", "c"] } };
  const patched = patchPod(pod, { metadata: { "$deleteFromPrimitiveList/finalizers": ["b", "z"] } });
  assert.deepEqual(patched, { metadata: { finalizers: ["a", "c"] } });
  assert.equal(patchPod(pod, { metadata: { "$deleteFromPrimitiveList/finalizers": ["z"] } }), pod);
  assert.deepEqual(patchPod({ metadata: {} }, { metadata: { "$deleteFromPrimitiveList/finalizers": ["z"] } }), {
    metadata: {},
  });
});

test("strategic merge: $setElementOrder decides among the items it names, the old order among the others", () => {
  const pod = { spec: { containers: [{ name: "server1" }, { name: "a" }, { name: "server2" }, { name: "b" }] } };
  const patched = patchPod(pod, {
    spec: {
      "$setElementOrder/containers": [{ name: "b" }, { name: "new" }, { name: "a" }],
      containers: [{ name: "new" }, { name: "a", image: "y" }],
    },
  });
  assert.deepEqual(namesOf(patched), ["server1", "server2", "b", "new", "a"]);
  const scalars = patchPod(
    { metadata: { finalizers: ["x", "a", "b"] } },
    { metadata: { "$setElementOrder/finalizers": ["b", "c", "a"], finalizers: ["c"] } },
  );
  assert.deepEqual(scalars, { metadata: { finalizers: ["x", "b", "c", "a"] } });
});

test("strategic merge: $setElementOrder alone reorders, and is dropped where there is no list", () => {
  const pod = { spec: { containers: [{ name: "a" }, { name: "b" }] } };
  const order = { spec: { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] } };
  assert.deepEqual(namesOf(patchPod(pod, order)), ["b", "a"]);
  assert.deepEqual(patchPod({ spec: {} }, order), { spec: {} });
});

test("strategic merge: a new item takes a deleted one's place in the old order", () => {
  const pod = { spec: { containers: [{ name: "gone" }, { name: "server" }] } };
  const patch = {
    spec: {
      "$setElementOrder/containers": [{ name: "new" }],
      containers: [{ name: "gone", $patch: "delete" }, { name: "new" }],
    },
  };
  assert.deepEqual(namesOf(patchPod(pod, patch)), ["server", "new"]);
});

test("strategic merge: $retainKeys clears what it does not list", () => {
  const deployment = { spec: { replicas: 1, strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } } };
  const patch = { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } };
  assert.deepEqual(applyStrategicMergePatch(deployment, patch, deploymentSchema), {
    spec: { replicas: 1, strategy: { type: "Recreate" } },
  });
});

test("strategic merge: directives that make no sense are BadRequest", () => {
  const strategy = { spec: { strategy: { type: "Recreate" } } };
  const refusals: [target: JsonObject, patch: unknown, message: string][] = [
    [strategy, { spec: { strategy: { $retainKeys: "type" } } }, "invalid patch format of retainKeys"],
    [strategy, { spec: { strategy: { $retainKeys: [], type: "x" } } }, "invalid patch format of retainKeys"],
    [{}, { $deleteFromPrimitiveList: ["a"] }, "invalid patch format of primitive list"],
    [{}, { $setElementOrder: [] }, "invalid patch format of setElementOrder list"],
    [{}, [], "json: cannot unmarshal array into Go value of type map[string]interface {}"],
  ];
  for (const [target, patch, message] of refusals) {
    const error = refuse(() => applyStrategicMergePatch(target, patch, deploymentSchema));
    assert.deepEqual([error.code, error.reason, error.message], [400, "BadRequest", message]);
  }
});

test("strategic merge: what upstream does not foresee is a 500 in its words", () => {
  const pod = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c" }] } };
  const refusals: [patch: JsonObject, message: string][] = [
    [{ spec: { containers: [{ image: "x" }] } }, "map: map[image:x] does not contain declared merge key: name"],
    [{ spec: { containers: ["x"] } }, "list element types are not identical: [[map[name:c]] [x]]"],
    [{ metadata: { $patch: "bogus", a: 1 } }, "unknown patch type: bogus in map: map[$patch:bogus a:1]"],
    [{ spec: { containers: [{ name: "c", $patch: "merge" }] } }, "merging lists cannot yet be specified in the patch"],
    [
      { spec: { "$setElementOrder/containers": [{ name: "x" }], containers: [{ name: "y" }] } },
      "The order in patch list:\n[map[name:y]]\n doesn't match $setElementOrder list:\n[map[name:x]]\n",
    ],
    [{ spec: { "$setElementOrder/containers": "x" } }, "expected a []interface {}, but received a string"],
    [
      { metadata: { labels: { "$setElementOrder/z": ["x"] } } },
      "merging an object in json but data type is not struct, instead is: map",
    ],
  ];
  for (const [patch, message] of refusals) {
    const error = refuse(() => patchPod(pod, patch));
    assert.deepEqual([error.code, error.reason, error.message], [500, "", message]);
  }
});

test("strategic merge: lists of lists are Invalid in generic words", () => {
  const pod = { spec: { containers: [["x"]] } } as unknown as JsonObject;
  const error = refuse(() => patchPod(pod, { spec: { containers: [{ name: "c" }] } }));
  assert.deepEqual([error.code, error.reason], [422, "Invalid"]);
  assert.equal((error.cause as Error).message, "lists of lists are not supported");
});

function patchPod(pod: JsonObject, patch: unknown): JsonObject {
  return applyStrategicMergePatch(pod, patch, podSchema);
}

function namesOf(pod: JsonObject): unknown[] {
  return (pod["spec"] as { containers: { name: string }[] }).containers.map(({ name }) => name);
}

function refuse(act: () => unknown): StatusError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return error;
  }
  assert.fail("expected a StatusError");
}
