import assert from "node:assert/strict";
import { test } from "node:test";
import { resources } from "#kubernetes/api";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";

test("ClusterRole: edit gathers what custom resources bring, and gives it back", async () => {
  await using cluster = await startTestCluster({ controllers: ["clusterrole-aggregation"] });
  const { client, until } = cluster;
  const rule = { verbs: ["get"], apiGroups: ["example.com"], resources: ["ships"] };
  const label = "rbac.authorization.k8s.io/aggregate-to-edit";
  const edit = (wanted: boolean) =>
    until(resources.clusterRoles, (roles) => {
      const rules = roles.find(({ metadata }) => metadata.name === "edit")?.rules ?? [];
      return rules.length > 10 && rules.some(({ resources: [name] = [] }) => name === "ships") === wanted;
    });
  await edit(false);
  await client.create(resources.clusterRoles, {
    metadata: { name: "ships", labels: { [label]: "true" } },
    rules: [rule],
  });
  await edit(true);
  // Admin selects edit's, one step further.
  await until(resources.clusterRoles, (roles) => {
    const admin = roles.find(({ metadata }) => metadata.name === "admin");
    return admin?.rules?.some(({ resources: [name] = [] }) => name === "ships");
  });
  const { metadata } = await client.get(resources.clusterRoles, { name: "edit" });
  const managers = metadata.managedFields?.map(({ manager }) => manager);
  assert.ok(managers?.includes("clusterrole-aggregation-controller"));
  await client.delete(resources.clusterRoles, { name: "ships" });
  await edit(false);
});
