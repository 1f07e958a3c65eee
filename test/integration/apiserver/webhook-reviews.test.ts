import assert from "node:assert/strict";
import { test } from "node:test";
import { type ApiRequest, type MutatingWebhook, type ObjectMeta, resources } from "#kubernetes/api";
import {
  create,
  hook,
  mutate,
  namespace,
  onConfigMaps,
  refusal,
  type Scene,
  startScene,
  validate,
} from "../../support/webhooks/webhook-scene.ts";
import { patching, reviewed } from "../../support/webhooks/webhook-server.ts";

const path = `/api/v1/namespaces/${namespace}/configmaps`;

async function send({ cluster }: Scene, request: Pick<ApiRequest, "method" | "path" | "body"> & { query?: string }) {
  const { query = "", ...rest } = request;
  const user = { name: "admin", groups: ["system:masters"] };
  return cluster.server.handler({ headers: {}, ...rest, query: new URLSearchParams(query), user });
}

function body(object: object): ApiRequest["body"] {
  return { kind: "object", object };
}

test("admission review: shows the options of the request, of a patch those of an update", async (t) => {
  const scene = await startScene(t);
  await validate(scene, hook(scene));
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
  await send(scene, { method: "POST", path, query: "fieldManager=me&dryRun=All&pretty=true", body: body(object) });
  await send(scene, { method: "POST", path, body: body(object) });
  await scene.cluster.client.patch(
    resources.configMaps,
    { namespace, name: "a" },
    { type: "apply", body: { ...object, data: { x: "1" } }, force: true },
    { fieldManager: "me" },
  );
  await scene.cluster.client.delete(resources.configMaps, { namespace, name: "a" }, { propagationPolicy: "Orphan" });
  const apiVersion = "meta.k8s.io/v1";
  assert.deepEqual(
    scene.webhook.asked.map(({ request }) => [request.operation, request["dryRun"], request["options"]]),
    [
      ["CREATE", true, { kind: "CreateOptions", apiVersion, dryRun: ["All"], fieldManager: "me" }],
      ["CREATE", false, { kind: "CreateOptions", apiVersion }],
      ["UPDATE", false, { kind: "UpdateOptions", apiVersion, fieldManager: "me" }],
      ["DELETE", false, { kind: "DeleteOptions", apiVersion, propagationPolicy: "Orphan" }],
    ],
  );
});

test("admission review: managed fields that a webhook makes unreadable are put back, with a warning", async (t) => {
  const scene = await startScene(t);
  await mutate(scene, hook<MutatingWebhook>(scene));
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { x: "1" } };
  scene.webhook.answer = (review) =>
    reviewed(review, patching([{ op: "remove", path: "/metadata/managedFields/0/fieldsType" }]));
  const answer = await send(scene, { method: "POST", path, query: "fieldManager=me", body: body(object) });
  assert.equal(answer.kind, "object");
  assert.deepEqual(answer.kind === "object" && answer.warnings, [
    ".metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: missing fieldsType in managed fields entry 0",
  ]);
  const { metadata } = await scene.cluster.client.get(resources.configMaps, { namespace, name: "a" });
  const [entry] = (metadata as ObjectMeta).managedFields ?? [];
  assert.deepEqual([entry?.manager, entry?.fieldsType], ["me", "FieldsV1"]);
});

test("admission review: attaching to a pod is asked about, with the options of the connection", async (t) => {
  const scene = await startScene(t);
  await scene.cluster.client.create(resources.pods, {
    metadata: { name: "p", namespace },
    spec: { containers: [{ name: "c", image: "i" }] },
  });
  const rule = { operations: ["CONNECT"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods/attach"] };
  const { objectSelector: _, ...everything } = hook(scene, { rules: [rule] });
  await validate(scene, everything);
  scene.webhook.answer = (review) => reviewed(review, { allowed: false, status: { message: "no attaching" } });
  const attach = send(scene, {
    method: "POST",
    path: `/api/v1/namespaces/${namespace}/pods/p/attach`,
    query: "container=c&stdin=true",
  });
  const denied = 'admission webhook "check.example.com" denied the request: no attaching';
  await assert.rejects(attach, refusal(400, denied));
  const { request } = scene.webhook.asked[0]!;
  assert.deepEqual(
    { ...request, uid: "", userInfo: {} },
    {
      uid: "",
      kind: { group: "", version: "v1", kind: "PodAttachOptions" },
      resource: { group: "", version: "v1", resource: "pods" },
      subResource: "attach",
      requestKind: { group: "", version: "v1", kind: "PodAttachOptions" },
      requestResource: { group: "", version: "v1", resource: "pods" },
      requestSubResource: "attach",
      name: "p",
      namespace,
      operation: "CONNECT",
      userInfo: {},
      object: { kind: "PodAttachOptions", apiVersion: "v1", stdin: true, container: "c" },
      oldObject: null,
      dryRun: false,
      options: null,
    },
  );
});

test("admission review: a scale is asked about as a Scale, an eviction as an Eviction, a status as the object", async (t) => {
  const scene = await startScene(t);
  const { client } = scene.cluster;
  const labels = { app: "x" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };
  await client.create(resources.replicaSets, {
    metadata: { name: "r", namespace },
    spec: { replicas: 0, selector: { matchLabels: labels }, template },
  });
  await client.create(resources.pods, { metadata: { name: "p", namespace }, spec: template.spec });
  const rule = {
    operations: ["*"],
    apiGroups: ["", "apps"],
    apiVersions: ["v1"],
    resources: ["replicasets/*", "pods/eviction"],
  };
  const { objectSelector: _, ...everything } = hook(scene, { rules: [rule] });
  await validate(scene, {
    ...everything,
    matchConditions: [{ name: "me", expression: "request.userInfo.username == 'admin'" }],
  });
  const merge = (subresource: string, body: object) =>
    client.patch(resources.replicaSets, { namespace, name: "r" }, { type: "merge", body }, { subresource });
  await merge("scale", { spec: { replicas: 0 } });
  await merge("status", { status: { observedGeneration: 1 } });
  await send(scene, {
    method: "POST",
    path: `/api/v1/namespaces/${namespace}/pods/p/eviction`,
    body: body({ apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "p", namespace } }),
  });
  const kinds = scene.webhook.asked.map(({ request }) => {
    const { group, version, kind } = request["kind"] as Record<string, string>;
    return [request.operation, `${group}/${version} ${kind}`, request["subResource"]];
  });
  assert.deepEqual(kinds, [
    ["UPDATE", "autoscaling/v1 Scale", "scale"],
    ["UPDATE", "apps/v1 ReplicaSet", "status"],
    ["CREATE", "policy/v1 Eviction", "eviction"],
  ]);
});

test("webhook configurations: are listed, updated, patched and deleted together; each word counts at once", async (t) => {
  const scene = await startScene(t);
  const { client } = scene.cluster;
  scene.webhook.answer = (review) => reviewed(review, { allowed: false });
  const labels = { part: "many" };
  for (const name of ["one", "two"]) {
    await client.create(resources.validatingWebhookConfigurations, {
      metadata: { name, labels },
      webhooks: [hook(scene)],
    });
  }
  const listed = await client.list(resources.validatingWebhookConfigurations, { labelSelector: "part=many" });
  assert.deepEqual(
    listed.items.map(({ metadata }) => metadata.name),
    ["one", "two"],
  );
  await assert.rejects(create(scene, "a"), refusal(400, /denied/));
  const [one] = listed.items;
  const rules = [{ ...onConfigMaps, operations: ["DELETE"] }];
  const updated = { ...one!, webhooks: [{ ...one!.webhooks![0]!, rules }] };
  await client.update(resources.validatingWebhookConfigurations, updated);
  const patch = { type: "merge" as const, body: { webhooks: [hook(scene, { rules })] } };
  await client.patch(resources.validatingWebhookConfigurations, { name: "two" }, patch);
  await create(scene, "a");
  await assert.rejects(client.delete(resources.configMaps, { namespace, name: "a" }), refusal(400, /denied/));
  await client.deleteCollection(resources.validatingWebhookConfigurations, { labelSelector: "part=many" });
  await client.delete(resources.configMaps, { namespace, name: "a" });
});

test("admission review: a connection kept open that the webhook has closed is replaced", async (t) => {
  const scene = await startScene(t);
  await validate(scene, hook(scene));
  await create(scene, "a");
  scene.webhook.dropNext();
  await create(scene, "b");
  assert.equal(scene.webhook.asked.length, 2);
});

test("webhooks: rules for events of one group are for those of the other, too, shown as in the rules", async (t) => {
  const scene = await startScene(t);
  const rule = { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["events"] };
  await validate(scene, hook(scene, { rules: [rule] }));
  await send(scene, {
    method: "POST",
    path: `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
    body: body({
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { name: "e", namespace },
      eventTime: "2026-01-02T03:04:05.000000Z",
      reportingController: "example.com/c",
      reportingInstance: "i",
      action: "Do",
      reason: "Done",
      type: "Normal",
      note: "words",
      regarding: { kind: "Pod", name: "p", namespace },
    }),
  });
  const request = scene.webhook.asked.find(({ request }) => (request["name"] ?? "") === "e")!.request;
  const { apiVersion, message, involvedObject } = request.object as Record<string, unknown>;
  assert.deepEqual(request["requestResource"], { group: "events.k8s.io", version: "v1", resource: "events" });
  assert.deepEqual([apiVersion, message], ["v1", "words"]);
  assert.deepEqual(involvedObject, { kind: "Pod", name: "p", namespace });
});
