import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type SelfSubjectReview, StatusError } from "#kubernetes/api";
import { createApiServer, readWebhookKubeconfig } from "#kubernetes/apiserver";
import { openMemoryStore } from "#kubernetes/store";
import { FakeClock } from "#shared";
import { startWebhook } from "../../support/webhooks/webhook-server.ts";

test("token webhook: is asked about tokens nobody else knows, and its word is kept for a while", async (t) => {
  await using webhook = await startWebhook();
  const { url } = webhook.clientConfig("/token");
  const ca = readFileSync(new URL("../../fixtures/tls/localhost.crt", import.meta.url)).toString("base64");
  const kubeconfig = `apiVersion: v1
kind: Config
clusters: [{name: hook, cluster: {server: "${url}", certificate-authority-data: ${ca}}}]
users: [{name: server, user: {token: of-the-server}}]
contexts: [{name: c, context: {cluster: hook, user: server}}]
current-context: c
`;
  const clock = new FakeClock();
  const tokens = { known: { name: "root", groups: ["system:masters"] } };
  const tokenWebhook = readWebhookKubeconfig(kubeconfig, "token-webhook");
  const server = createApiServer({ store: openMemoryStore(), clock, tokens, tokenWebhook });
  t.after(() => server.stop());
  const who = async (token: string) => {
    const response = await server.handler({
      method: "POST",
      path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
      query: new URLSearchParams(),
      headers: { authorization: `Bearer ${token}` },
      body: { kind: "object", object: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" } },
    });
    assert.ok(response.kind === "object");
    return (response.object as SelfSubjectReview).status?.userInfo;
  };
  webhook.answer = (review) => {
    const { spec } = review as unknown as { spec: { token: string } };
    const isGood = spec.token === "good";
    return {
      status: isGood ? { authenticated: true, user: { username: "ann", groups: ["devs"] } } : { authenticated: false },
    };
  };
  const refused = (error: unknown) => error instanceof StatusError && error.code === 401;
  assert.deepEqual(await who("good"), { username: "ann", groups: ["devs", "system:authenticated"] });
  assert.equal((await who("known"))?.username, "root");
  await assert.rejects(who("bad"), refused);
  await who("good");
  await assert.rejects(who("bad"), refused);
  assert.equal(webhook.asked.length, 2, "answers are remembered");
  await clock.advance(121_000);
  await who("good");
  assert.equal(webhook.asked.length, 3);
});

test("readWebhookKubeconfig: says what is wrong", () => {
  assert.throws(() => readWebhookKubeconfig("clusters: []", "w"), /clusters: a cluster is needed/);
  const plain = "clusters: [{name: a, cluster: {server: 'http://x'}}]";
  assert.throws(() => readWebhookKubeconfig(plain, "w"), /clusters\.0\.cluster\.server: must be a URL with https/);
  assert.throws(() => readWebhookKubeconfig("{", "w"), /Cannot read the kubeconfig/);
});
