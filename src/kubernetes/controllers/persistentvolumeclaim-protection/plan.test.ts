import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistentVolumeClaim, Pod } from "#kubernetes/api";
import { usesClaim } from "./plan.ts";

const claim = (name: string, owner?: string): PersistentVolumeClaim => ({
  metadata: {
    name,
    namespace: "n",
    ...(owner !== undefined && {
      ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: owner, controller: true }],
    }),
  },
});

function pod(nodeName: string | undefined, metadata: Partial<Pod["metadata"]> = {}): Pod {
  const volumes = [
    { name: "data", persistentVolumeClaim: { claimName: "c" } },
    { name: "tmp", ephemeral: {} },
  ];
  return {
    metadata: { name: "p", namespace: "n", uid: "1", ...metadata },
    spec: { containers: [], volumes, ...(nodeName !== undefined && { nodeName }) },
  };
}

test("usesClaim: by a pod that has a node", () => {
  assert.equal(usesClaim(pod("node"), claim("c")), true);
  assert.equal(usesClaim(pod(undefined), claim("c")), false);
  assert.equal(usesClaim(pod("node"), claim("d")), false);
});

test("usesClaim: a claim made for the pod, until the pod is over", () => {
  const ended = { deletionTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: 0 };
  assert.equal(usesClaim(pod("node"), claim("p-tmp", "1")), true);
  assert.equal(usesClaim(pod("node"), claim("p-tmp", "2")), false);
  assert.equal(usesClaim(pod("node"), claim("p-tmp")), false);
  assert.equal(usesClaim(pod("node", ended), claim("p-tmp", "1")), false);
  assert.equal(usesClaim(pod("node", ended), claim("c")), true);
});
