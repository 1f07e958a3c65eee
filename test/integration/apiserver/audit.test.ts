import assert from "node:assert/strict";
import { test } from "node:test";
import { type ApiRequest, type ConfigMap, isStatusError, type UserInfo } from "#kubernetes/api";
import { type ApiServer, createApiServer, readAuditPolicy } from "#kubernetes/apiserver";
import { openMemoryStore } from "#kubernetes/store";
import { FakeClock } from "#shared";
import { startWebhook } from "../../support/webhooks/webhook-server.ts";

type Event = Readonly<Record<string, unknown>>;

const admin: UserInfo = { name: "admin", groups: ["system:masters", "system:authenticated"] };
const ann: UserInfo = { name: "ann", groups: ["system:authenticated"] };

function startAudited(rules: string) {
  const events: Event[] = [];
  const server = createApiServer({
    store: openMemoryStore(),
    clock: new FakeClock(),
    audit: {
      policy: readAuditPolicy(`apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n${rules}`),
      sink: {
        write(event) {
          // What the server does in its own name is none of the tests' business.
          const { username } = event.user as { username?: string };
          if (username !== "system:apiserver") events.push(JSON.parse(JSON.stringify(event)) as Event);
        },
      },
    },
  });
  return { server, events };
}

async function ask(server: ApiServer, request: Partial<ApiRequest>): Promise<void> {
  const { handler } = server;
  try {
    await handler({ method: "GET", path: "/", query: new URLSearchParams(), headers: {}, ...request });
  } catch (error) {
    if (!isStatusError(error)) throw error;
  }
}

const path = "/api/v1/namespaces/default/configmaps";
const configMap = (): ConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", namespace: "default" },
  data: { x: "1" },
});

test("audit: a request at level RequestResponse, stage by stage", async (t) => {
  const { server, events } = startAudited("- {level: RequestResponse, omitManagedFields: true}");
  t.after(() => server.stop());
  const headers = { "user-agent": "kubectl/v1.36", "audit-id": "given" };
  const body = { kind: "object" as const, object: configMap() };
  await ask(server, { method: "POST", path, headers, body, user: admin });
  const [received, complete] = events;
  assert.deepEqual(
    events.map(({ stage }) => stage),
    ["RequestReceived", "ResponseComplete"],
  );
  assert.deepEqual(received, {
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "RequestResponse",
    auditID: "given",
    stage: "RequestReceived",
    requestURI: path,
    verb: "create",
    user: { username: "admin", groups: ["system:masters", "system:authenticated"] },
    userAgent: "kubectl/v1.36",
    objectRef: { resource: "configmaps", namespace: "default", apiVersion: "v1" },
    requestReceivedTimestamp: "2026-01-01T00:00:00.000000Z",
    stageTimestamp: "2026-01-01T00:00:00.000000Z",
  });
  assert.deepEqual(complete!["responseStatus"], { metadata: {}, code: 201 });
  const { metadata, data } = complete!["responseObject"] as ConfigMap;
  assert.deepEqual(data, { x: "1" });
  assert.ok(metadata.uid && metadata.managedFields === undefined);
  assert.equal((complete!["requestObject"] as ConfigMap).data?.["x"], "1");
  assert.equal((complete!["annotations"] as Record<string, string>)["authorization.k8s.io/decision"], "allow");
});

test("audit: levels Metadata and None tell less and nothing", async (t) => {
  const { server, events } = startAudited(
    "- {level: None, verbs: [get]}\n- {level: Metadata, omitStages: [RequestReceived]}",
  );
  t.after(() => server.stop());
  await ask(server, { method: "POST", path, body: { kind: "object", object: configMap() }, user: admin });
  await ask(server, { path: `${path}/a`, user: admin });
  assert.equal(events.length, 1);
  assert.ok(!("requestObject" in events[0]!) && !("responseObject" in events[0]!));
});

test("audit: refusals say who was refused and why; a bad token is written down, too", async (t) => {
  const { server, events } = startAudited("- {level: Request, omitStages: [RequestReceived]}");
  t.after(() => server.stop());
  await ask(server, { path: `${path}/a`, user: ann });
  await ask(server, { path: `${path}/a`, headers: { authorization: "Bearer nonsense" } });
  await ask(server, { path: `${path}/a`, user: admin, headers: { "impersonate-user": "bob" } });
  const [forbidden, unauthorized, impersonated] = events;
  assert.equal((forbidden!["responseStatus"] as { code: number }).code, 403);
  assert.equal((forbidden!["annotations"] as Record<string, string>)["authorization.k8s.io/decision"], "forbid");
  assert.equal((unauthorized!["responseStatus"] as { code: number }).code, 401);
  assert.equal((impersonated!["user"] as { username: string }).username, "admin");
  assert.equal((impersonated!["impersonatedUser"] as { username: string }).username, "bob");
});

test("audit: a watch has started when it is answered, and is complete when it ends", async (t) => {
  const { server, events } = startAudited("- {level: RequestResponse, omitStages: [RequestReceived]}");
  t.after(() => server.stop());
  const stop = new AbortController();
  const query = new URLSearchParams({ watch: "true" });
  const request = { method: "GET" as const, path, query, headers: {}, user: admin, signal: stop.signal };
  const response = await server.handler(request);
  assert.ok(response.kind === "watch");
  assert.deepEqual(
    events.map(({ stage }) => stage),
    ["ResponseStarted"],
  );
  const reading = (async () => {
    for await (const _ of response.events);
  })();
  stop.abort();
  await reading.catch(() => {});
  assert.deepEqual(
    events.map(({ stage }) => stage),
    ["ResponseStarted", "ResponseComplete"],
  );
});

test("audit: which webhooks changed an object is told; what they made of it only where bodies are", async (t) => {
  await using webhook = await startWebhook();
  const patch = [{ op: "add", path: "/data/by", value: "hook" }];
  webhook.answer = ({ request: { uid } }) => ({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: {
      uid,
      allowed: true,
      patchType: "JSONPatch",
      patch: Buffer.from(JSON.stringify(patch)).toString("base64"),
    },
  });
  const rules = [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }];
  const configuration = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "m" },
    webhooks: [
      {
        name: "check.example.com",
        clientConfig: webhook.clientConfig(),
        rules,
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        objectSelector: { matchLabels: { seen: "yes" } },
      },
    ],
  };
  const about = { configuration: "m", webhook: "check.example.com" };
  const mutated = JSON.stringify({ ...about, mutated: true });
  for (const [level, shown] of [
    ["Metadata", undefined],
    ["Request", JSON.stringify({ ...about, patch, patchType: "JSONPatch" })],
  ] as const) {
    const { server, events } = startAudited(
      `- {level: None, nonResourceURLs: ["/*"]}\n- {level: ${level}, omitStages: [RequestReceived], resources: [{group: "", resources: [configmaps]}], verbs: [create]}`,
    );
    t.after(() => server.stop());
    const hooks = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
    await ask(server, { method: "POST", path: hooks, body: { kind: "object", object: configuration }, user: admin });
    const object = configMap();
    object.metadata.labels = { seen: "yes" };
    await ask(server, { method: "POST", path, body: { kind: "object", object }, user: admin });
    const annotations = events.at(-1)!["annotations"] as Record<string, string>;
    assert.equal(annotations["mutation.webhook.admission.k8s.io/round_0_index_0"], mutated);
    assert.equal(annotations["patch.webhook.admission.k8s.io/round_0_index_0"], shown);
  }
});
