// What is refused, with upstream's codes and words: access reviews, bindings, evictions, tokens, scales.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isStatusError, type KubeObject, resources } from "#kubernetes/api";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";

interface Refusal {
  readonly code: number;
  readonly message: string;
}

async function refusalOf(cluster: TestCluster, path: string, body: object, method: "POST" | "PUT" = "POST") {
  try {
    const object = await cluster.server.handler({
      method,
      path,
      query: new URLSearchParams(),
      headers: {},
      user: { name: "admin", groups: ["system:masters"] },
      body: { kind: "bytes", bytes: Buffer.from(JSON.stringify(body)) },
    });
    assert.fail(`answered ${JSON.stringify(object)}`);
  } catch (error) {
    if (!isStatusError(error)) throw error;
    const { code, message } = error;
    return { code, message } satisfies Refusal;
  }
}

test("an access review asks about one thing, says whom it is about, and has no name", async () => {
  await using cluster = await startTestCluster();
  const reviews = "/apis/authorization.k8s.io/v1";
  const wrong: readonly (readonly [path: string, body: object, message: string])[] = [
    [
      "selfsubjectaccessreviews",
      {},
      "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified",
    ],
    [
      "selfsubjectaccessreviews",
      { spec: { resourceAttributes: { verb: "get" }, nonResourceAttributes: { path: "/x", verb: "get" } } },
      'spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":"get"}: cannot be specified in combination with resourceAttributes',
    ],
    [
      "selfsubjectaccessreviews",
      {
        spec: {
          resourceAttributes: { labelSelector: { requirements: [{ key: "a", operator: "Exists", values: ["b"] }] } },
        },
      },
      "spec.resourceAttributes.labelSelector.requirements[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
    ],
    [
      "selfsubjectaccessreviews",
      { spec: { resourceAttributes: { fieldSelector: {} } } },
      "spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required",
    ],
    [
      "subjectaccessreviews",
      { spec: { resourceAttributes: { verb: "get" } } },
      'spec.user: Invalid value: "": at least one of user or group must be specified',
    ],
    [
      "namespaces/default/localsubjectaccessreviews",
      { metadata: { namespace: "default" }, spec: { user: "a", resourceAttributes: { namespace: "other" } } },
      'spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
    ],
  ];
  for (const [path, body, message] of wrong) {
    assert.deepEqual(await refusalOf(cluster, `${reviews}/${path}`, body), {
      code: 422,
      message: `.authorization.k8s.io "" is invalid: ${message}`,
    });
  }
  assert.deepEqual(await refusalOf(cluster, `${reviews}/selfsubjectrulesreviews`, { spec: {} }), {
    code: 400,
    message: "no namespace on request",
  });
  const named = await refusalOf(cluster, `${reviews}/subjectaccessreviews`, {
    metadata: { name: "a" },
    spec: { user: "a", resourceAttributes: { verb: "get" } },
  });
  assert.match(
    named.message,
    /^\.authorization\.k8s\.io "" is invalid: metadata: Invalid value: \{"name":"a".*\}: must be empty$/,
  );
});

async function withPod(cluster: TestCluster): Promise<KubeObject> {
  const spec = { containers: [{ name: "c", image: "i" }] };
  return cluster.client.create(resources.pods, { metadata: { namespace: "default", name: "p" }, spec });
}

test("a binding that makes no sense fails, one for another pod conflicts in the store's words", async () => {
  await using cluster = await startTestCluster();
  const { metadata } = await withPod(cluster);
  const path = "/api/v1/namespaces/default/pods/p/binding";
  const binding = (target: object | undefined, more: object = {}) => ({ metadata: { name: "p", ...more }, target });
  assert.deepEqual(await refusalOf(cluster, path, binding({ kind: "Pod", name: "n" })), {
    code: 500,
    message: 'target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"',
  });
  assert.deepEqual(await refusalOf(cluster, path, binding(undefined)), {
    code: 500,
    message: "target.name: Required value",
  });
  assert.deepEqual(await refusalOf(cluster, path, binding({ name: "n" }, { uid: "x" })), {
    code: 409,
    message: `Operation cannot be fulfilled on pods "p": StorageError: invalid object, Code: 4, Key: /registry/pods/default/p, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: x, UID in object meta: ${metadata.uid}`,
  });
  assert.deepEqual(
    await refusalOf(cluster, "/api/v1/namespaces/default/bindings", { metadata: {}, target: { name: "n" } }),
    {
      code: 400,
      message: "Name parameter required.",
    },
  );
});

test("an eviction names its pod, and its delete options make sense", async () => {
  await using cluster = await startTestCluster();
  await withPod(cluster);
  const path = "/api/v1/namespaces/default/pods/p/eviction";
  assert.deepEqual(await refusalOf(cluster, path, {}), {
    code: 400,
    message: "name in URL does not match name in Eviction object",
  });
  const eviction = { metadata: { name: "p" }, deleteOptions: { propagationPolicy: "x" } };
  assert.deepEqual(await refusalOf(cluster, path, eviction), {
    code: 422,
    message:
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "x": supported values: "Foreground", "Background", "Orphan", "nil"',
  });
});

test("a scale is for the object of the path, even where there is none", async () => {
  await using cluster = await startTestCluster();
  const path = "/apis/apps/v1/namespaces/default/deployments/none/scale";
  assert.deepEqual(await refusalOf(cluster, path, { metadata: { name: "d" }, spec: { replicas: 1 } }, "PUT"), {
    code: 400,
    message: "the name of the object (d) does not match the name on the URL (none)",
  });
});

test("a token is bound to objects of some kinds only, and lasts an hour where nothing is said", async () => {
  await using cluster = await startTestCluster();
  const path = "/api/v1/namespaces/default/serviceaccounts/default/token";
  const bound = (reference: object) => ({ spec: { boundObjectRef: reference } });
  assert.deepEqual(await refusalOf(cluster, path, bound({ kind: "ConfigMap", apiVersion: "v1", name: "x" })), {
    code: 400,
    message: "cannot bind token to object of type /v1, Kind=ConfigMap",
  });
});
