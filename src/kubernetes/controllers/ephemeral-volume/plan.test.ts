import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistentVolumeClaim, Pod } from "#kubernetes/api";
import { missingClaims } from "./plan.ts";

const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
const pod: Pod = {
  metadata: { name: "p", namespace: "n", uid: "1" },
  spec: {
    containers: [],
    volumes: [
      { name: "other", emptyDir: {} },
      { name: "scratch", ephemeral: { volumeClaimTemplate: { metadata: { labels: { a: "b" } }, spec } } },
    ],
  },
};

test("missingClaims: one for each generic ephemeral volume, owned by the pod", () => {
  const [made, ...more] = missingClaims(pod, () => undefined);
  assert.equal(more.length, 0);
  assert.equal(made?.volume, "scratch");
  assert.deepEqual(made?.claim, {
    metadata: {
      name: "p-scratch",
      namespace: "n",
      labels: { a: "b" },
      ownerReferences: [
        { apiVersion: "v1", kind: "Pod", name: "p", uid: "1", controller: true, blockOwnerDeletion: true },
      ],
    },
    spec,
  });
  assert.deepEqual(
    missingClaims(pod, () => made?.claim),
    [],
  );
});

test("missingClaims: somebody else's claim of that name is not taken", () => {
  const others: PersistentVolumeClaim = { metadata: { name: "p-scratch", namespace: "n" } };
  assert.throws(() => missingClaims(pod, () => others), {
    message: "ephemeral volume scratch: PVC n/p-scratch was not created for pod n/p (pod is not owner)",
  });
});
