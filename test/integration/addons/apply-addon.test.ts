import assert from "node:assert/strict";
import { test } from "node:test";
import { isNotFound, resources, type UnknownObject } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { UserError } from "#shared";
import { applyAddon, listInstalledAddons, removeAddon } from "../../../src/addons/apply/apply-addon.ts";
import { applySetId } from "../../../src/addons/apply/apply-set.ts";
import { diffAddon } from "../../../src/addons/apply/diff-addon.ts";
import { configMap, startApi } from "../../support/addons/start-api.ts";

const { signal } = new AbortController();

async function namesIn(client: Client): Promise<string[]> {
  const { items } = await client.list(resources.configMaps, { namespace: "default" });
  return items.map(({ metadata }) => metadata.name!).toSorted();
}

test("applyAddon: what an earlier version brought and this one does not is removed; others' objects stay", async (t) => {
  const client = await startApi(t);
  await client.create(resources.configMaps, configMap("theirs") as never);
  await applyAddon(client, { name: "x", version: "1", objects: [configMap("a"), configMap("b")] }, { signal });
  assert.deepEqual(
    (await listInstalledAddons(client, signal)).map(({ name, version }) => `${name} ${version}`),
    ["x 1"],
  );
  await applyAddon(client, { name: "x", objects: [configMap("b"), configMap("c", { key: "value" })] }, { signal });
  assert.deepEqual(await namesIn(client), ["b", "c", "theirs"]);
  await removeAddon(client, "x", { signal });
  assert.deepEqual(await namesIn(client), ["theirs"]);
  await removeAddon(client, "x", { signal });
  assert.deepEqual(await listInstalledAddons(client, signal), []);
});

test("applyAddon: interrupted in the middle, it counts as not applied, and removing finds everything", async (t) => {
  const client = await startApi(t);
  const broken: UnknownObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "nowhere", name: "b" } };
  const addon = { name: "x", objects: [configMap("a"), broken] };
  await assert.rejects(applyAddon(client, addon, { signal }), (error: UserError) => {
    assert.match(error.message, /^one object is refused:\n {2}ConfigMap nowhere\/b: namespaces "nowhere" not found$/);
    return true;
  });
  assert.ok(!(await diffAddon(client, addon, signal)).isApplied);
  await removeAddon(client, "x", { signal });
  assert.deepEqual(await namesIn(client), []);
});

const widgets: UnknownObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { kind: "Widget", plural: "widgets", singular: "widget", listKind: "WidgetList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
          },
        },
      },
    ],
  },
};
const widget: UnknownObject = {
  apiVersion: "example.com/v1",
  kind: "Widget",
  metadata: { name: "w" },
  spec: { size: 1 },
};

test("applyAddon: definitions are established before their objects; a namespace is made for what names none, and goes again", async (t) => {
  const client = await startApi(t);
  const objects = [widget, widgets, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "tender" } }];
  const addon = { name: "widgets", namespace: "tools", objects };
  await applyAddon(client, addon, { signal });
  const resource = { group: "example.com", version: "v1", resource: "widgets", kind: "Widget", namespaced: true };
  const live = await client.get(resource, { namespace: "tools", name: "w" });
  assert.equal(live.metadata.labels?.["applyset.kubernetes.io/part-of"], applySetId("widgets"));
  assert.ok((await diffAddon(client, addon, signal)).isApplied);

  // Without its definition and the objects of it.
  await applyAddon(client, { ...addon, objects: objects.slice(2) }, { signal });
  await assert.rejects(client.list(resource), isNotFound);
  const parent = await client.get(resources.configMaps, { namespace: "kube-system", name: "slipway-addon-widgets" });
  assert.equal(
    parent.metadata.annotations?.["applyset.kubernetes.io/contains-group-kinds"],
    "Namespace,ServiceAccount",
  );
  assert.equal(parent.metadata.annotations?.["applyset.kubernetes.io/additional-namespaces"], "tools");
});

test("applyAddon: a namespace that was there before stays when the add-on goes", async (t) => {
  const client = await startApi(t);
  await client.create(resources.namespaces, { metadata: { name: "tools" } });
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "tender" } };
  await applyAddon(client, { name: "x", namespace: "tools", objects: [account] }, { signal });
  await removeAddon(client, "x", { signal });
  const { metadata } = await client.get(resources.namespaces, { name: "tools" });
  assert.equal(metadata.deletionTimestamp, undefined);
  assert.deepEqual((await client.list(resources.serviceAccounts, { namespace: "tools" })).items, []);
});

test("applyAddon: fields others have set are named with who set them; overwritten where that is wanted", async (t) => {
  const client = await startApi(t);
  const addon = { name: "x", objects: [configMap("a", { mode: "ours", size: "1" })] };
  await applyAddon(client, addon, { signal });
  const theirs = { data: { mode: "theirs" } };
  const key = { namespace: "default", name: "a" };
  await client.patch(resources.configMaps, key, { type: "merge", body: theirs }, { fieldManager: "kubectl-edit" });
  await assert.rejects(applyAddon(client, addon, { signal }), (error: UserError) => {
    assert.equal(error.message, "one object is refused:\n  ConfigMap default/a: data.mode is managed by kubectl-edit");
    assert.match(error.hints[0]!, /--overwrite/);
    return error instanceof UserError;
  });
  await applyAddon(client, { ...addon, conflicts: "overwrite" }, { signal });
  assert.equal((await client.get(resources.configMaps, key)).data?.["mode"], "ours");
});

test("applyAddon: what cannot change where it stands is made anew if nothing is lost by it, or else is refused by its field", async (t) => {
  const client = await startApi(t);
  const binding = (role: string): UnknownObject => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "b" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "u" }],
  });
  const deployment = (app: string): UnknownObject => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace: "default", name: "d" },
    spec: {
      selector: { matchLabels: { app } },
      template: { metadata: { labels: { app } }, spec: { containers: [{ name: "c", image: "i" }] } },
    },
  });
  const addon = (name: string) => ({ name: "x", objects: [binding(name), deployment(name)] });
  await applyAddon(client, addon("view"), { signal });
  await assert.rejects(applyAddon(client, addon("edit"), { signal }), (error: UserError) => {
    assert.equal(
      error.message,
      "one object is refused:\n  Deployment default/d: spec.selector cannot change where it stands",
    );
    return true;
  });
  // The binding was made anew all the same.
  const { roleRef } = await client.get(resources.clusterRoleBindings, { name: "b" });
  assert.equal(roleRef.name, "edit");
});

test("applyAddon: an object of another add-on, one that occurs twice and one of an unknown kind are refused", async (t) => {
  const client = await startApi(t);
  await applyAddon(client, { name: "x", objects: [configMap("a")] }, { signal });
  await assert.rejects(
    applyAddon(client, { name: "y", objects: [configMap("a")] }, { signal }),
    /ConfigMap default\/a: belongs to another add-on already/,
  );
  await assert.rejects(
    applyAddon(client, { name: "y", objects: [configMap("b"), configMap("b")] }, { signal }),
    /it has ConfigMap default\/b twice/,
  );
  await assert.rejects(
    applyAddon(client, { name: "y", objects: [widget] }, { signal }),
    /the cluster has no kind Widget of example.com\/v1/,
  );
});

test("applyAddon: a Job whose change is merely wrong is left as it is; so is one that could not change anyhow", async (t) => {
  const client = await startApi(t);
  const job = (image: string, spec: object = {}): UnknownObject => ({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { namespace: "default", name: "j" },
    spec: { ...spec, template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image }] } } },
  });
  const key = { namespace: "default", name: "j" };
  const apply = (object: UnknownObject) => applyAddon(client, { name: "x", objects: [object] }, { signal });
  await apply(job("one"));
  const { uid } = (await client.get(resources.jobs, key)).metadata;
  for (const wrong of [job("one", { parallelism: -1 }), job("two", { parallelism: -1 })]) {
    await assert.rejects(apply(wrong), /Job default\/j: .*spec\.parallelism: Invalid value: -1/);
    assert.equal((await client.get(resources.jobs, key)).metadata.uid, uid);
  }
  await apply(job("two"));
  assert.notEqual((await client.get(resources.jobs, key)).metadata.uid, uid);
});

test("applyAddon: a definition whose names another one has is not waited for without end", async (t) => {
  const client = await startApi(t);
  await applyAddon(client, { name: "x", objects: [widgets] }, { signal });
  const same = { ...widgets, metadata: { name: "gadgets.example.com" } } as UnknownObject & { spec: object };
  const gadgets = { ...same, spec: { ...same.spec, names: { kind: "Widget", plural: "gadgets", singular: "widget" } } };
  await assert.rejects(
    applyAddon(client, { name: "y", objects: [gadgets] }, { signal, timeoutMs: 1 }),
    /^UserError: Definitions of add-on y are not ready after 0\.001 s: CustomResourceDefinition gadgets\.example\.com: /,
  );
});
