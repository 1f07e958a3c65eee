import assert from "node:assert/strict";
import { test } from "node:test";
import type { Secret, ServiceAccount } from "#kubernetes/api";
import { planToken, secretNames } from "./plan.ts";

const year = 365 * 24 * 3600_000;
const nowMs = Date.parse("2026-06-15T00:00:00Z");
const account: ServiceAccount = { metadata: { name: "a", namespace: "n", uid: "1" }, secrets: [{ name: "s" }] };

function plan(
  labels: Record<string, string>,
  more: { created?: string; mounted?: boolean; account?: ServiceAccount } = {},
) {
  const secret: Secret = {
    metadata: {
      name: "s",
      namespace: "n",
      labels,
      creationTimestamp: more.created ?? "2024-01-01T00:00:00Z",
      annotations: { "kubernetes.io/service-account.name": "a" },
    },
    type: "kubernetes.io/service-account-token",
  };
  const isMounted = more.mounted ?? false;
  return planToken(secret, { account: more.account ?? account, isMounted, nowMs, unusedMs: year });
}

const used = (date: string) => ({ "kubernetes.io/legacy-token-last-used": date });
const invalid = (date: string) => ({ "kubernetes.io/legacy-token-invalid-since": date });

test("planToken: unused for a year, then invalid for a year, then gone", () => {
  assert.equal(plan({}), "mark invalid");
  assert.equal(plan(used("2025-06-14")), "mark invalid");
  assert.equal(plan(used("2025-06-15")), "keep");
  assert.equal(plan({}, { created: "2026-01-01T00:00:00Z" }), "keep");
  assert.equal(plan(invalid("2025-06-15")), "keep");
  assert.equal(plan(invalid("2025-06-14")), "delete");
  assert.equal(plan(invalid("2025-06-14"), { mounted: true }), "keep");
  assert.equal(plan({}, { account: { ...account, secrets: [] } }), "keep");
});

test("secretNames: wherever a pod names one", () => {
  const names = secretNames({
    metadata: {},
    spec: {
      imagePullSecrets: [{ name: "pull" }],
      containers: [
        {
          name: "c",
          env: [{ name: "e", valueFrom: { secretKeyRef: { name: "env", key: "k" } } }],
          envFrom: [{ secretRef: { name: "from" } }],
        },
      ],
      volumes: [
        { name: "v", secret: { secretName: "volume" } },
        { name: "w", projected: { sources: [{ secret: { name: "projected" } }] } },
      ],
    },
  });
  assert.deepEqual(names, ["pull", "env", "from", "volume", "projected"]);
});
