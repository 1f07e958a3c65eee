import assert from "node:assert/strict";
import { test } from "node:test";
import { resources } from "#kubernetes/api";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";

const settings = { rootCa: "the root", namespaceDeletionGraceMs: 0 };

test("Namespace: gets its default service account and the root certificate", async () => {
  await using cluster = await startTestCluster({ controllers: ["root-ca-cert-publisher"], settings });
  const { client, until } = cluster;
  await client.create(resources.namespaces, { metadata: { name: "team" } });
  await until(resources.serviceAccounts, (found) => found.some(({ metadata }) => metadata.namespace === "team"));
  const isPublished = (data: string) =>
    until(resources.configMaps, (found) => {
      const published = found.find(({ metadata }) => metadata.namespace === "team");
      return published?.metadata.name === "kube-root-ca.crt" && published.data?.["ca.crt"] === data;
    });
  await isPublished("the root");

  const key = { namespace: "team", name: "kube-root-ca.crt" };
  await client.patch(resources.configMaps, key, { type: "merge", body: { data: { "ca.crt": "another" } } });
  await isPublished("the root");
  await client.delete(resources.configMaps, key);
  await isPublished("the root");
  await client.delete(resources.serviceAccounts, { namespace: "team", name: "default" });
  await until(resources.serviceAccounts, (found) => found.some(({ metadata }) => metadata.namespace === "team"));
});

test("Namespace: deleted, it takes its contents with it", async () => {
  await using cluster = await startTestCluster({ controllers: ["namespace", "root-ca-cert-publisher"], settings });
  const { client, until } = cluster;
  await client.create(resources.namespaces, { metadata: { name: "team" } });
  for (const namespace of ["team", "default"]) {
    await client.create(resources.configMaps, { metadata: { name: "settings", namespace }, data: { a: "1" } });
    await client.create(resources.secrets, { metadata: { name: "secret", namespace } });
    await client.create(resources.leases, { metadata: { name: "lease", namespace } });
  }
  await until(resources.configMaps, (found) => found.some(({ metadata }) => metadata.name === "kube-root-ca.crt"));
  await client.delete(resources.namespaces, { name: "team" });
  await until(resources.namespaces, (found) => found.every(({ metadata }) => metadata.name !== "team"));
  for (const resource of [resources.configMaps, resources.secrets, resources.leases, resources.serviceAccounts]) {
    const { items } = await client.list(resource, { namespace: "team" });
    assert.deepEqual(items, []);
  }
  assert.ok(await client.get(resources.configMaps, { namespace: "default", name: "settings" }));
});

test("Namespace: says what it waits for", async () => {
  await using cluster = await startTestCluster({ controllers: ["namespace"], settings });
  const { client, until } = cluster;
  await client.create(resources.namespaces, { metadata: { name: "team" } });
  const key = { namespace: "team", name: "held" };
  await client.create(resources.configMaps, { metadata: { ...key, finalizers: ["example.com/held"] } });
  await client.delete(resources.namespaces, { name: "team" });
  const found = await until(resources.namespaces, (namespaces) =>
    namespaces.some(({ status }) => status?.conditions?.some(({ reason }) => reason === "SomeFinalizersRemain")),
  );
  const team = found.find(({ metadata }) => metadata.name === "team");
  assert.equal(team?.status?.phase, "Terminating");
  assert.deepEqual(
    team?.status?.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]),
    [
      ["NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"],
      [
        "NamespaceDeletionGroupVersionParsingFailure",
        "False",
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
      ],
      [
        "NamespaceDeletionContentFailure",
        "False",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
      ],
      [
        "NamespaceContentRemaining",
        "True",
        "SomeResourcesRemain",
        "Some resources are remaining: configmaps. has 1 resource instances",
      ],
      [
        "NamespaceFinalizersRemaining",
        "True",
        "SomeFinalizersRemain",
        "Some content in the namespace has finalizers remaining: example.com/held in 1 resource instances",
      ],
    ],
  );
  await client.patch(resources.configMaps, key, { type: "merge", body: { metadata: { finalizers: null } } });
  await until(resources.namespaces, (namespaces) => namespaces.every(({ metadata }) => metadata.name !== "team"));
});
