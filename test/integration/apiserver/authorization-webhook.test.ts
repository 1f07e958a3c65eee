// Structured authorization: who is asked, in which order, and what a webhook's failures mean.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { StatusError } from "#kubernetes/api";
import { createApiServer, readAuthorizationConfiguration } from "#kubernetes/apiserver";
import { openMemoryStore } from "#kubernetes/store";
import { FakeClock } from "#shared";
import { startWebhook, type WebhookServer } from "../../support/webhooks/webhook-server.ts";

interface Review {
  readonly spec: { readonly user: string; readonly resourceAttributes?: { readonly verb: string } };
}

function startServer(t: TestContext, webhook: WebhookServer, failurePolicy = "NoOpinion") {
  const folder = mkdtempSync(join(tmpdir(), "slipway-authorization-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const kubeConfigFile = join(folder, "hook.yaml");
  const ca = readFileSync(new URL("../../fixtures/tls/localhost.crt", import.meta.url)).toString("base64");
  const { url } = webhook.clientConfig("/authorize");
  writeFileSync(
    kubeConfigFile,
    `clusters: [{name: h, cluster: {server: "${url}", certificate-authority-data: ${ca}}}]`,
  );
  const settings = {
    timeout: "3s",
    subjectAccessReviewVersion: "v1",
    matchConditionSubjectAccessReviewVersion: "v1",
    failurePolicy,
    connectionInfo: { type: "KubeConfigFile", kubeConfigFile },
    matchConditions: [{ expression: "request.user != 'bob'" }],
  };
  const configuration = {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "AuthorizationConfiguration",
    authorizers: [
      { type: "Webhook", name: "hook", webhook: settings },
      { type: "RBAC", name: "rbac" },
    ],
  };
  const clock = new FakeClock();
  const authorizationConfiguration = readAuthorizationConfiguration(JSON.stringify(configuration));
  const server = createApiServer({ store: openMemoryStore(), clock, authorizationConfiguration });
  t.after(() => server.stop());
  const list = async (name: string, groups: string[] = []) => {
    const request = { method: "GET", path: "/api/v1/namespaces/default/pods", query: new URLSearchParams() } as const;
    try {
      const answer = await server.handler({ ...request, headers: {}, user: { name, groups } });
      if (answer.kind !== "bytes") return "allowed";
      const { status, body } = answer;
      return `${status} ${Buffer.from(body as Uint8Array)}`;
    } catch (error) {
      assert.ok(error instanceof StatusError);
      return error.message;
    }
  };
  return { list, clock };
}

test("authorization webhook: allows, denies, or leaves it to the next; its word is kept for a while", async (t) => {
  await using webhook = await startWebhook();
  webhook.answer = (review) => {
    const { user } = (review as unknown as Review).spec;
    if (user === "ann") return { status: { allowed: true } };
    return { status: user === "eve" ? { allowed: false, denied: true, reason: "not eve" } : { allowed: false } };
  };
  const { list, clock } = startServer(t, webhook);
  const refused = (user: string) =>
    `pods is forbidden: User "${user}" cannot list resource "pods" in API group "" in the namespace "default"`;
  assert.equal(await list("ann"), "allowed");
  assert.equal(await list("eve"), `${refused("eve")}: not eve`);
  assert.equal(await list("tom"), refused("tom"));
  assert.equal(await list("root", ["system:masters"]), "allowed");
  assert.equal(await list("bob"), refused("bob"));
  const { spec } = webhook.asked[0] as unknown as Review;
  assert.equal(spec.resourceAttributes?.verb, "list");
  assert.equal(webhook.asked.length, 3, "neither of masters nor of whom the conditions leave out");
  await list("ann");
  assert.equal(webhook.asked.length, 3);
  await clock.advance(301_000);
  await list("ann");
  assert.equal(webhook.asked.length, 4);
});

test("authorization webhook: a connection that is lost is not an answer: it is asked again, a little later", async (t) => {
  await using webhook = await startWebhook();
  webhook.answer = () => ({ status: { allowed: true } });
  const { list, clock } = startServer(t, webhook);
  webhook.dropNext();
  let answer: string | undefined;
  const asked = list("ann").then((given) => {
    answer = given;
  });
  while (answer === undefined) await clock.advance(50);
  await asked;
  assert.equal(answer, "allowed");
  assert.equal(webhook.asked.length, 1);
});

test("authorization webhook: one that fails has no opinion, or means no; where nobody allows it, the request has failed", async (t) => {
  await using webhook = await startWebhook();
  webhook.answer = () => ({});
  const failed = '500 Internal Server Error: "/api/v1/namespaces/default/pods": the webhook\'s answer has no status\n';
  const open = startServer(t, webhook);
  assert.equal(await open.list("ann"), failed);
  assert.equal(await open.list("root", ["system:masters"]), "allowed");
  const node = ["system:serviceaccounts:kube-system"];
  assert.equal(await open.list("system:serviceaccount:kube-system:namespace-controller", node), "allowed");
  const closed = startServer(t, webhook, "Deny");
  assert.equal(await closed.list("ann"), failed);
  assert.equal(await closed.list("system:serviceaccount:kube-system:namespace-controller", node), failed);
});
