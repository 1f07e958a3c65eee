import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConfigMap, type MutatingWebhook, resources } from "#kubernetes/api";
import {
  create,
  hook,
  mutate,
  namespace,
  onConfigMaps,
  refusal,
  startScene,
  validate,
} from "../../support/webhooks/webhook-scene.ts";
import { patching, type Review, reviewed } from "../../support/webhooks/webhook-server.ts";

test("validating webhook: is asked with the whole request, and its word counts", async (t) => {
  const scene = await startScene(t);
  await validate(scene, hook(scene));
  scene.webhook.answer = (review) => {
    const { data } = (review.request.object ?? review.request.oldObject) as unknown as ConfigMap;
    const allowed = data?.["x"] !== "bad";
    return reviewed(review, {
      allowed,
      warnings: ["think twice"],
      ...(!allowed && { status: { message: "no bad things", code: 403 } }),
    });
  };
  await create(scene, "a", { x: "good" });
  const [first] = scene.webhook.asked;
  assert.deepEqual(
    { ...first!.request, uid: "", object: null },
    {
      uid: "",
      kind: { group: "", version: "v1", kind: "ConfigMap" },
      resource: { group: "", version: "v1", resource: "configmaps" },
      requestKind: { group: "", version: "v1", kind: "ConfigMap" },
      requestResource: { group: "", version: "v1", resource: "configmaps" },
      name: "a",
      namespace,
      operation: "CREATE",
      userInfo: { username: "admin", groups: ["system:masters", "system:authenticated"] },
      object: null,
      oldObject: null,
      dryRun: false,
      options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1" },
    },
  );
  assert.equal((first!.request.object as unknown as ConfigMap).kind, "ConfigMap");
  const denied = 'admission webhook "check.example.com" denied the request: no bad things';
  await assert.rejects(create(scene, "b", { x: "bad" }), refusal(403, denied));
  const patch = { type: "merge" as const, body: { data: { x: "bad" } } };
  await assert.rejects(
    scene.cluster.client.patch(resources.configMaps, { namespace, name: "a" }, patch),
    refusal(403, denied),
  );
  assert.deepEqual(
    scene.webhook.asked.map(({ request }) => request.operation),
    ["CREATE", "CREATE", "UPDATE"],
  );
  await scene.cluster.client.delete(resources.configMaps, { namespace, name: "a" });
  const last = scene.webhook.asked.at(-1)!.request;
  assert.deepEqual([last.operation, last.object], ["DELETE", null]);
});

test("validating webhook: a refusal without words, and one with a reason only", async (t) => {
  const scene = await startScene(t);
  await validate(scene, hook(scene));
  scene.webhook.answer = (review) => reviewed(review, { allowed: false });
  await assert.rejects(
    create(scene, "a"),
    refusal(400, 'admission webhook "check.example.com" denied the request without explanation'),
  );
  scene.webhook.answer = (review) => reviewed(review, { allowed: false, status: { reason: "the moon" } });
  await assert.rejects(
    create(scene, "a"),
    refusal(400, 'admission webhook "check.example.com" denied the request: the moon'),
  );
});

test("validating webhook: one that fails refuses, unless its policy is to be passed over", async (t) => {
  const scene = await startScene(t);
  await validate(
    scene,
    hook(scene, { clientConfig: { url: "https://localhost:1/", caBundle: scene.webhook.clientConfig().caBundle } }),
  );
  await assert.rejects(
    create(scene, "a"),
    refusal(
      500,
      /^Internal error occurred: failed calling webhook "check\.example\.com": failed to call webhook: Post "https:\/\/localhost:1\/\?timeout=10s": dial tcp .*: connect: connection refused$/,
    ),
  );
  const { client } = scene.cluster;
  const patch = {
    type: "json" as const,
    body: [{ op: "replace" as const, path: "/webhooks/0/failurePolicy", value: "Ignore" }],
  };
  await client.patch(resources.validatingWebhookConfigurations, { name: "v" }, patch);
  await create(scene, "a");
});

test("validating webhook: answers that are none are failures", async (t) => {
  const scene = await startScene(t);
  await validate(scene, hook(scene));
  const answers: [(review: Review) => object, RegExp][] = [
    [() => ({}), /received invalid webhook response: webhook response was absent/],
    [
      (review) => reviewed({ request: { ...review.request, uid: "other" } }, { allowed: true }),
      /expected response\.uid="[^"]+", got "other"/,
    ],
    [
      (review) => ({ ...reviewed(review, { allowed: true }), kind: "Pod" }),
      /expected webhook response of admission\.k8s\.io\/v1, Kind=AdmissionReview, got admission\.k8s\.io\/v1, Kind=Pod/,
    ],
    [(review) => reviewed(review, patching([])), /validating webhook may not return response\.patch/],
  ];
  for (const [answer, message] of answers) {
    scene.webhook.answer = answer;
    await assert.rejects(create(scene, "a"), refusal(500, message));
  }
});

test("validating webhook: one that takes too long has failed", async (t) => {
  const scene = await startScene(t);
  await validate(scene, hook(scene, { timeoutSeconds: 1 }));
  scene.webhook.answer = () => undefined;
  await assert.rejects(
    create(scene, "a"),
    refusal(500, /failed to call webhook: Post "https:\/\/localhost:\d+\/\?timeout=1s": context deadline exceeded/),
  );
});

test("validating webhook: selectors of namespaces and objects decide who is asked", async (t) => {
  const scene = await startScene(t);
  const { client } = scene.cluster;
  await client.create(resources.namespaces, { metadata: { name: "watched", labels: { watch: "yes" } } });
  await validate(
    scene,
    hook(scene, {
      namespaceSelector: { matchLabels: { watch: "yes" } },
      objectSelector: { matchLabels: { app: "x" } },
    }),
  );
  scene.webhook.answer = (review) => reviewed(review, { allowed: false });
  await create(scene, "elsewhere", {}, { app: "x" });
  await client.create(resources.configMaps, {
    metadata: { name: "other", namespace: "watched", labels: { app: "y" } },
  });
  const chosen = client.create(resources.configMaps, {
    metadata: { name: "a", namespace: "watched", labels: { app: "x" } },
  });
  await assert.rejects(chosen, refusal(400, /denied the request/));
  assert.equal(scene.webhook.asked.length, 1);
});

test("validating webhook: in a dry run only those without side effects are asked", async (t) => {
  const scene = await startScene(t);
  await validate(scene, hook(scene, { sideEffects: "NoneOnDryRun" }));
  const object = { metadata: { name: "a", namespace } };
  await scene.cluster.client.create(resources.configMaps, object, { dryRun: true });
  assert.equal(scene.webhook.asked[0]?.request["dryRun"], true);
});

test("validating webhook: match conditions in CEL spare it requests; the authorizer can be asked", async (t) => {
  const scene = await startScene(t);
  const matchConditions = [
    { name: "named", expression: 'object.metadata.name.startsWith("a")' },
    {
      name: "may",
      expression: 'authorizer.group("").resource("configmaps").namespace("default").check("create").allowed()',
    },
  ];
  await validate(scene, hook(scene, { matchConditions, rules: [{ ...onConfigMaps, operations: ["CREATE"] }] }));
  scene.webhook.answer = (review) => reviewed(review, { allowed: false });
  await create(scene, "b");
  await assert.rejects(create(scene, "a"), refusal(400, /denied the request/));
  assert.equal(scene.webhook.asked.length, 1);
});

test("validating webhook: configurations of admission are not subject to it", async (t) => {
  const scene = await startScene(t);
  const everything = { operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*/*"] };
  await validate(scene, hook(scene, { rules: [everything], objectSelector: {} }));
  scene.webhook.answer = (review) => reviewed(review, { allowed: false });
  await assert.rejects(create(scene, "a"), refusal(400, /denied/));
  await scene.cluster.client.delete(resources.validatingWebhookConfigurations, { name: "v" });
  await create(scene, "a");
});

test("mutating webhooks: each changes what those before have made; defaults and managed fields stay right", async (t) => {
  const scene = await startScene(t);
  await mutate(
    scene,
    hook<MutatingWebhook>(scene, { name: "one.example.com" }, "/one"),
    hook<MutatingWebhook>(scene, { name: "two.example.com" }, "/two"),
  );
  scene.webhook.answer = (review, path) => {
    const { data = {} } = review.request.object as unknown as ConfigMap;
    const value = `${data["seen"] ?? ""}${path}`;
    return reviewed(review, patching([{ op: "add", path: "/data/seen", value }]));
  };
  const created = await create(scene, "a", { x: "1" });
  assert.deepEqual(created.data, { x: "1", seen: "/one/two" });
  const stored = await scene.cluster.client.get(resources.configMaps, { namespace, name: "a" });
  assert.deepEqual(stored.data, created.data);
});

test("mutating webhooks: one that asks for it sees again what others have changed after it, once", async (t) => {
  const scene = await startScene(t);
  await mutate(
    scene,
    hook<MutatingWebhook>(scene, { name: "one.example.com", reinvocationPolicy: "IfNeeded" }, "/one"),
    hook<MutatingWebhook>(scene, { name: "two.example.com" }, "/two"),
  );
  const paths: string[] = [];
  scene.webhook.answer = (review, path) => {
    paths.push(path);
    return reviewed(
      review,
      path === "/two" ? patching([{ op: "add", path: "/data/two", value: "x" }]) : { allowed: true },
    );
  };
  await create(scene, "a", { x: "1" });
  assert.deepEqual(paths, ["/one", "/two", "/one"]);
});

test("mutating webhooks: what they make must be right, too", async (t) => {
  const scene = await startScene(t);
  await mutate(scene, hook<MutatingWebhook>(scene));
  const patches: [object[], number, RegExp][] = [
    [[{ op: "add", path: "/data/bad key", value: "x" }], 422, /data\[bad key\]: Invalid value/],
    [[{ op: "remove", path: "/nowhere" }], 500, /^Internal error occurred: /],
    [[{ op: "add", path: "/data", value: "text" }], 500, /^Internal error occurred: /],
  ];
  for (const [operations, code, message] of patches) {
    scene.webhook.answer = (review) => reviewed(review, patching(operations));
    await assert.rejects(create(scene, "a", { x: "1" }), refusal(code, message));
  }
  scene.webhook.answer = (review) => reviewed(review, { allowed: true, patch: "e30=" });
  await assert.rejects(
    create(scene, "a"),
    refusal(500, /webhook returned response\.patch but not response\.patchType/),
  );
});

test("mutating webhooks: a pod gets its defaults after they have changed it", async (t) => {
  const scene = await startScene(t);
  const rule = { ...onConfigMaps, operations: ["CREATE"], resources: ["pods"] };
  await mutate(scene, hook<MutatingWebhook>(scene, { rules: [rule] }));
  const value = [{ name: "webhook-added", image: "i" }];
  scene.webhook.answer = (review) => reviewed(review, patching([{ op: "add", path: "/spec/initContainers", value }]));
  const pod = { metadata: { name: "p", namespace }, spec: { containers: [{ name: "c", image: "i" }] } };
  const { spec } = await scene.cluster.client.create(resources.pods, pod);
  const [added] = spec?.initContainers ?? [];
  assert.equal(added?.name, "webhook-added");
  assert.equal(added?.terminationMessagePolicy, "File");
  assert.equal(added?.volumeMounts?.length, 1, "the account's token is mounted into it, too");
});

test("webhooks: match conditions that are no conditions are refused when they are written", async (t) => {
  const scene = await startScene(t);
  const refusing = async (expression: string, message: RegExp) => {
    const matchConditions = [{ name: "invalid-expression", expression }];
    await assert.rejects(validate(scene, hook(scene, { matchConditions })), refusal(422, message));
    await assert.rejects(mutate(scene, hook<MutatingWebhook>(scene, { matchConditions })), refusal(422, message));
  };
  await refusing("... [] bad expression", /webhooks\[0\]\.matchConditions\[0\]\.expression: .*compilation failed/);
  await refusing("object.kind", /must evaluate to bool but got dyn/);
});
