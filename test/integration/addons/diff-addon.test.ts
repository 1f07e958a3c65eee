import assert from "node:assert/strict";
import { test } from "node:test";
import { resources, type UnknownObject } from "#kubernetes/api";
import { applyAddon } from "../../../src/addons/apply/apply-addon.ts";
import { type AddonDiff, diffAddon } from "../../../src/addons/apply/diff-addon.ts";
import { configMap, startApi } from "../../support/addons/start-api.ts";

const { signal } = new AbortController();

function summarize({ objects }: AddonDiff): string[] {
  return objects.map(({ kind, name, action, fields }) =>
    [`${action} ${kind} ${name}`, ...fields.map(({ path, before, after }) => `${path}: ${before} → ${after}`)].join(
      ", ",
    ),
  );
}

const secret = (password: string): UnknownObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { namespace: "default", name: "s" },
  stringData: { password },
});

test("diffAddon: before it is installed everything is created, and nothing is by looking", async (t) => {
  const client = await startApi(t);
  const objects = [configMap("a"), { ...configMap("b"), metadata: { namespace: "tools", name: "b" } }];
  const diff = await diffAddon(client, { name: "x", namespace: "tools", objects }, signal);
  assert.deepEqual(summarize(diff), ["create Namespace tools", "create ConfigMap a", "create ConfigMap b"]);
  assert.ok(diff.hasChanges && !diff.isApplied && !diff.wasInstalled);
  assert.deepEqual((await client.list(resources.configMaps, { namespace: "default" })).items, []);
});

test("diffAddon: fields that change, objects that come and go; what a Secret holds is never shown", async (t) => {
  const client = await startApi(t);
  const before = [configMap("a", { x: "1", y: "2" }), configMap("gone"), secret("one")];
  await applyAddon(client, { name: "x", version: "1", objects: before }, { signal });
  const same = await diffAddon(client, { name: "x", version: "1", objects: before }, signal);
  assert.ok(!same.hasChanges && same.isApplied, JSON.stringify(same));
  const after = [configMap("a", { x: "3" }), configMap("new"), secret("two")];
  const diff = await diffAddon(client, { name: "x", version: "2", objects: after }, signal);
  assert.deepEqual(summarize(diff), [
    "change ConfigMap a, data.x: 1 → 3, data.y: 2 → undefined",
    "create ConfigMap new",
    "change Secret s, data.password: (hidden) → (hidden)",
    "remove ConfigMap gone",
  ]);
  assert.ok(!JSON.stringify(diff).includes("b25l") && !JSON.stringify(diff).includes("two"));
  assert.deepEqual([diff.installed, diff.version], ["1", "2"]);
});

test("diffAddon: drift is seen, with who caused it; what cannot change is named", async (t) => {
  const client = await startApi(t);
  const role = (name: string): UnknownObject => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { namespace: "default", name: "b" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
  });
  await applyAddon(client, { name: "x", objects: [configMap("a", { x: "1" }), role("view")] }, { signal });
  const key = { namespace: "default", name: "a" };
  const theirs = { type: "merge", body: { data: { x: "2" } } } as const;
  await client.patch(resources.configMaps, key, theirs, { fieldManager: "kubectl-edit" });
  const drift = await diffAddon(client, { name: "x", objects: [configMap("a", { x: "1" }), role("view")] }, signal);
  assert.ok(drift.isApplied && drift.hasChanges);
  assert.deepEqual(summarize(drift), ["change ConfigMap a, data.x: 2 → 1", "nothing RoleBinding b"]);
  assert.deepEqual(drift.objects[0]?.conflicts, [{ manager: "kubectl-edit", field: "data.x" }]);

  const diff = await diffAddon(client, { name: "x", objects: [role("edit")] }, signal);
  assert.deepEqual(summarize(diff), ["replace RoleBinding b", "remove ConfigMap a"]);
  assert.deepEqual(diff.objects[0]?.immutable, ["roleRef"]);
});
