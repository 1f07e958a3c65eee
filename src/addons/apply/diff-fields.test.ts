import assert from "node:assert/strict";
import { test } from "node:test";
import { diffObjects } from "./diff-fields.ts";

const binding = (...subjects: readonly (readonly [namespace: string, name: string])[]) => ({
  kind: "RoleBinding",
  metadata: { name: "b" },
  subjects: subjects.map(([namespace, name]) => ({ kind: "ServiceAccount", namespace, name })),
});

test("diffObjects: entries are told apart by their names", () => {
  const differences = diffObjects(binding(["a", "one"], ["a", "two"]), binding(["b", "two"], ["a", "one"]));
  assert.deepEqual(differences, [{ path: "subjects[name=two].namespace", before: "a", after: "b" }]);
});

test("diffObjects: where a name occurs twice in a list, nothing that differs is hidden by it", () => {
  const differences = diffObjects(
    binding(["evil", "default"], ["b", "default"]),
    binding(["a", "default"], ["b", "default"]),
  );
  assert.deepEqual(differences, [{ path: "subjects[0].namespace", before: "evil", after: "a" }]);
  const [gone] = diffObjects(binding(["a", "x"], ["b", "x"], ["b", "x"]), binding(["a", "x"], ["b", "x"]));
  assert.equal(gone?.path, "subjects[2]");
});

test("diffObjects: a volume that is mounted twice is told apart by where", () => {
  const pod = (...paths: readonly string[]) => ({
    metadata: { name: "p" },
    volumeMounts: paths.map((mountPath, index) => ({ name: "data", mountPath, readOnly: index === 0 })),
  });
  assert.deepEqual(diffObjects(pod("/a", "/b"), pod("/b", "/a")), [
    { path: "volumeMounts[mountPath=/b].readOnly", before: false, after: true },
    { path: "volumeMounts[mountPath=/a].readOnly", before: true, after: false },
  ]);
});
