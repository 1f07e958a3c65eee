import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { resources, type Secret } from "#kubernetes/api";
import { openPort } from "../../support/cluster/open-port.ts";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";

const namespace = "default";
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const serviceAccountKey = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const settings = { serviceAccountKey, rootCa: "CA" };

function tokenSecret(name: string, account: string): Secret {
  const annotations = { "kubernetes.io/service-account.name": account };
  return { metadata: { name, namespace, annotations }, type: "kubernetes.io/service-account-token" };
}

const decode = (secret: Secret | undefined, key: string) =>
  Buffer.from(secret?.data?.[key] ?? "", "base64").toString("utf8");

async function review({ client }: TestCluster, token: string) {
  const created = await client.create(resources.tokenReviews, { metadata: {}, spec: { token } });
  return created.status;
}

test("service account tokens: a Secret made for one is filled, is good, and goes with the account", async () => {
  await using cluster = await startTestCluster({ controllers: ["serviceaccount-token"], settings });
  const { client, until } = cluster;
  await client.create(resources.serviceAccounts, { metadata: { name: "robot", namespace } });
  await client.create(resources.secrets, tokenSecret("robot-token", "robot"));
  const [secret] = await until(resources.secrets, ([found]) => found?.data?.["token"]);
  assert.deepEqual([decode(secret, "ca.crt"), decode(secret, "namespace")], ["CA", "default"]);
  const token = decode(secret, "token");
  const good = await review(cluster, token);
  assert.equal(good?.error, undefined);
  assert.equal(good?.authenticated, true);
  assert.equal(good?.user?.username, "system:serviceaccount:default:robot");
  const [used] = (await client.list(resources.secrets)).items;
  assert.match(used?.metadata.labels?.["kubernetes.io/legacy-token-last-used"] ?? "", /^\d{4}-\d{2}-\d{2}$/);
  const tracking = { namespace: "kube-system", name: "kube-apiserver-legacy-service-account-token-tracking" };
  assert.match((await client.get(resources.configMaps, tracking)).data?.["since"] ?? "", /^\d{4}-\d{2}-\d{2}$/);

  await client.delete(resources.serviceAccounts, { namespace, name: "robot" });
  await until(resources.secrets, (found) => found.length === 0);
  const bad = await review(cluster, token);
  assert.deepEqual([bad?.authenticated ?? false, bad?.error?.includes("Token has been invalidated")], [false, true]);
});

test("service account tokens: whoever shows one that was made of itself is told not to", async () => {
  await using cluster = await startTestCluster({ controllers: ["serviceaccount-token"], settings });
  const { client, until } = cluster;
  const ask = await openPort(cluster);
  const warningOf = async (token: string) => {
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const answer = await ask(path, { method: "POST", body: "{}", headers });
    assert.equal(answer.status, 201);
    return answer.headers.get("warning");
  };
  const secrets = [{ name: "made-of-itself" }];
  await client.create(resources.serviceAccounts, { metadata: { name: "robot", namespace }, secrets });
  for (const name of ["made-of-itself", "made-by-hand"])
    await client.create(resources.secrets, tokenSecret(name, "robot"));
  const made = await until(
    resources.secrets,
    (found) => found.length === 2 && found.every((each) => each.data?.["token"]),
  );
  const tokenOf = (name: string) =>
    decode(
      made.find(({ metadata }) => metadata.name === name),
      "token",
    );
  assert.equal(
    await warningOf(tokenOf("made-of-itself")),
    '299 - "Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens."',
  );
  assert.equal(await warningOf(tokenOf("made-by-hand")), null);
});

test("service account tokens: a Secret that goes is struck off its account's list", async () => {
  await using cluster = await startTestCluster({ controllers: ["serviceaccount-token"], settings });
  const { client, until } = cluster;
  const secrets = [{ name: "old-token" }, { name: "other" }];
  await client.create(resources.serviceAccounts, { metadata: { name: "robot", namespace }, secrets });
  await client.create(resources.secrets, tokenSecret("old-token", "robot"));
  await until(resources.secrets, ([found]) => found?.data?.["token"]);
  await client.delete(resources.secrets, { namespace, name: "old-token" });
  await until(resources.serviceAccounts, (accounts) => {
    const robot = accounts.find(({ metadata }) => metadata.name === "robot");
    return robot?.secrets?.length === 1;
  });
});
