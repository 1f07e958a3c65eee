// Acting as somebody else: allowed for single requests (KEP-5284), or altogether as of old; and the words of refusals.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isStatusError, resources, type UserInfo } from "#kubernetes/api";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";

const alice: UserInfo = { name: "alice", groups: ["devs", "system:authenticated"] };

async function ask(cluster: TestCluster, headers: Record<string, string>, user = alice) {
  try {
    const answer = await cluster.server.handler({
      method: "POST",
      path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
      query: new URLSearchParams(),
      headers,
      user,
      body: { kind: "bytes", bytes: Buffer.from("{}") },
    });
    assert.ok(answer.kind === "object");
    return (answer.object as { status: { userInfo: object } }).status.userInfo;
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return `${error.code} ${error.message}`;
  }
}

async function allow(cluster: TestCluster, rules: readonly object[]): Promise<void> {
  const name = `r${Math.random().toString(36).slice(2)}`;
  await cluster.client.create(resources.clusterRoles, { metadata: { name }, rules: rules as never });
  await cluster.client.create(resources.clusterRoleBindings, {
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ kind: "User", name: "alice", apiGroup: "rbac.authorization.k8s.io" }],
  });
}

test("impersonation: what is refused is told of the request first", async () => {
  await using cluster = await startTestCluster();
  const refused = (mode: string) =>
    `403 selfsubjectreviews.authentication.k8s.io is forbidden: User "alice" cannot impersonate-on:${mode}:create resource "selfsubjectreviews" in API group "authentication.k8s.io" at the cluster scope`;
  assert.equal(await ask(cluster, { "impersonate-user": "bob" }), refused("user-info"));
  assert.equal(await ask(cluster, { "impersonate-user": "system:serviceaccount:a:b" }), refused("serviceaccount"));
  assert.equal(await ask(cluster, { "impersonate-user": "system:node:n1" }), refused("arbitrary-node"));
  // Nodes come with groups of their own in none but the old way.
  assert.equal(
    await ask(cluster, { "impersonate-user": "system:node:n1", "impersonate-group": "g" }),
    '403 users "system:node:n1" is forbidden: User "alice" cannot impersonate resource "users" in API group "" at the cluster scope',
  );
  assert.equal(
    await ask(cluster, { "impersonate-group": "g", "impersonate-extra-foo": "x" }),
    '400 requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"g"}, Extra:map[string][]string{"foo":[]string{"x"}}} without impersonating a user name',
  );
});

test("impersonation: allowed for single requests, of single users", async () => {
  await using cluster = await startTestCluster();
  const group = "authentication.k8s.io";
  await allow(cluster, [
    {
      apiGroups: [group],
      resources: ["selfsubjectreviews"],
      verbs: ["impersonate-on:user-info:create", "impersonate-on:arbitrary-node:create"],
    },
    { apiGroups: [group], resources: ["users"], resourceNames: ["bob"], verbs: ["impersonate:user-info"] },
    { apiGroups: [group], resources: ["groups"], verbs: ["impersonate:user-info"] },
    { apiGroups: [group], resources: ["nodes"], resourceNames: ["n1"], verbs: ["impersonate:arbitrary-node"] },
  ]);
  assert.deepEqual(await ask(cluster, { "impersonate-user": "bob", "impersonate-group": "g" }), {
    username: "bob",
    groups: ["g", "system:authenticated"],
  });
  assert.deepEqual(await ask(cluster, { "impersonate-user": "system:node:n1" }), {
    username: "system:node:n1",
    groups: ["system:nodes", "system:authenticated"],
  });
  const other = await ask(cluster, { "impersonate-user": "eve" });
  assert.match(
    String(other),
    /^403 users\.authentication\.k8s\.io "eve" is forbidden: User "alice" cannot impersonate:user-info /,
  );
  const mighty = await ask(cluster, { "impersonate-user": "bob", "impersonate-group": "system:masters" });
  assert.match(String(mighty), /^403 .*: impersonating the system:masters group is not allowed$/);
});

test("impersonation: allowed altogether, as of old", async () => {
  await using cluster = await startTestCluster();
  await allow(cluster, [{ apiGroups: [""], resources: ["users", "serviceaccounts"], verbs: ["impersonate"] }]);
  assert.deepEqual(await ask(cluster, { "impersonate-user": "eve" }), {
    username: "eve",
    groups: ["system:authenticated"],
  });
  assert.deepEqual(await ask(cluster, { "impersonate-user": "system:serviceaccount:a:b" }), {
    username: "system:serviceaccount:a:b",
    groups: ["system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated"],
  });
});
