// What upstream's server says of objects that are not as they should be, where that hangs on more than one kind's own rules.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ask, openPort } from "../../support/cluster/open-port.ts";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";

interface Refusal {
  readonly message: string;
  readonly details: {
    readonly group?: string;
    readonly causes: readonly { readonly field: string; readonly message: string }[];
  };
}

async function send(ask: Ask, method: string, path: string, body: object) {
  const answer = await ask(path, {
    method,
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
  return { status: answer.status, body: await answer.json() };
}

async function causesOf(ask: Ask, method: string, path: string, body: object): Promise<string[]> {
  const { status, body: refusal } = await send(ask, method, path, body);
  assert.equal(status, 422, JSON.stringify(refusal));
  return (refusal as Refusal).details.causes.map(({ field }) => field);
}

test("events of events.k8s.io are refused as core's", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const event = { apiVersion: "events.k8s.io/v1", kind: "Event", metadata: { name: "e", namespace: "default" } };
  const { body } = await send(ask, "POST", "/apis/events.k8s.io/v1/namespaces/default/events", event);
  const { message, details } = body as Refusal;
  assert.match(message, /^Event "e" is invalid: /);
  assert.equal(details.group, undefined);
});

test("a change's bad metadata is told as often as upstream looks at it: a cause each, the message once", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" } };
  const path = "/api/v1/namespaces/default/secrets";
  await send(ask, "POST", path, secret);
  const changed = { ...secret, metadata: { name: "s", labels: { a: "!" } } };
  const { body } = await send(ask, "PUT", `${path}/s`, changed);
  const { message, details } = body as Refusal;
  assert.deepEqual(
    details.causes.map(({ field }) => field),
    ["metadata.labels", "metadata.labels", "metadata.labels", "metadata.labels"],
  );
  assert.equal(message.split("metadata.labels").length, 2);
  const quota = { apiVersion: "v1", kind: "LimitRange", metadata: { name: "l", labels: {} } };
  const quotas = "/api/v1/namespaces/default/limitranges";
  await send(ask, "POST", quotas, quota);
  const worse = { ...quota, metadata: { name: "l", labels: { a: "!" }, generateName: "A" } };
  assert.deepEqual(await causesOf(ask, "PUT", `${quotas}/l`, worse), [
    "metadata.labels",
    "metadata.labels",
    "metadata.generateName",
    "metadata.labels",
  ]);
});

test("a CSIDriver keeps the generation it is made with, and counts on from there", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const path = "/apis/storage.k8s.io/v1/csidrivers";
  const driver = {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIDriver",
    metadata: { name: "d", generation: 7 },
    spec: {},
  };
  const made = await send(ask, "POST", path, driver);
  const { metadata } = made.body as { metadata: { generation: number; resourceVersion: string } };
  assert.equal(metadata.generation, 7);
  const changed = { ...driver, metadata, spec: { requiresRepublish: true } };
  const { body } = await send(ask, "PUT", `${path}/d`, changed);
  assert.equal((body as typeof made.body as { metadata: { generation: number } }).metadata.generation, 8);
});

test("what is no UTF-8 is told byte by byte", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const data = { ".dockercfg": Buffer.from([0xac, 0xff]).toString("base64") };
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, type: "kubernetes.io/dockercfg", data };
  const { body } = await send(ask, "POST", "/api/v1/namespaces/default/secrets", secret);
  assert.match((body as Refusal).message, /invalid character '¬' looking for beginning of value$/);
});

test("configurations of admission have finalizers of any form", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  for (const [resource, kind] of [
    ["validatingwebhookconfigurations", "ValidatingWebhookConfiguration"],
    ["mutatingwebhookconfigurations", "MutatingWebhookConfiguration"],
  ]) {
    const apiVersion = "admissionregistration.k8s.io/v1";
    const body = { apiVersion, kind, metadata: { name: "c", finalizers: ["mine"] } };
    const { status } = await send(ask, "POST", `/apis/${apiVersion}/${resource}?dryRun=All`, body);
    assert.equal(status, 201, kind);
  }
});

test("what is asked of a version, a uid or a name is refused in the store's words", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const path = "/api/v1/namespaces/default/configmaps";
  const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m" } };
  await send(ask, "POST", path, map);
  const told = async (method: string, url: string, body: object) => {
    const answer = await send(ask, method, url, body);
    return `${answer.status} ${(answer.body as Refusal).message}`;
  };
  assert.equal(
    await told("PUT", `${path}/m`, { ...map, metadata: { name: "m", resourceVersion: "abc" } }),
    '500 strconv.ParseUint: parsing "abc": invalid syntax',
  );
  // What is no number is not looked at, as the version of a new object must not be set.
  assert.match(
    await told("POST", path, { ...map, metadata: { name: "m", resourceVersion: "abc" } }),
    /^409 configmaps "m" already exists$/,
  );
  assert.equal(
    await told("POST", path, { ...map, metadata: { name: "m", generateName: "a" } }),
    '409 configmaps "m" already exists, the server was not able to generate a unique name for the object',
  );
  const event = { apiVersion: "v1", kind: "Event", metadata: { name: "e", uid: "u" }, involvedObject: {} };
  assert.equal(
    await told("PUT", "/api/v1/namespaces/default/events/e", event),
    '409 Operation cannot be fulfilled on events "e": StorageError: invalid object, Code: 4, Key: /registry/events/default/e, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: u, UID in object meta: ',
  );
  assert.match(
    await told("DELETE", `${path}/m`, { apiVersion: "v1", kind: "Foo" }),
    /^400 no kind "Foo" is registered for version "v1" in scheme "k8s\.io\/apimachinery\/pkg\/apis\/meta\//,
  );
});

test("a Pod without containers is refused, and warned of annotations all the same", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const path = "/api/v1/namespaces/default/pods";
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p" } };
  assert.deepEqual(await causesOf(ask, "POST", path, pod), ["spec.containers"]);
  const key = "container.apparmor.security.beta.kubernetes.io/c";
  const bad = {
    ...pod,
    metadata: { name: "P", annotations: { [key]: "runtime/default" } },
    spec: { containers: [{ name: "c", image: "i" }] },
  };
  const headers = { "content-type": "application/json" };
  const answer = await ask(path, { method: "POST", body: JSON.stringify(bad), headers });
  assert.equal(answer.status, 422);
  assert.equal(
    answer.headers.get("warning"),
    `299 - "metadata.annotations[${key}]: deprecated since v1.30; use the \\"appArmorProfile\\" field instead"`,
  );
});

test("only what is offered is deprecated", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const path = "/api/v1/namespaces/default/endpoints/x";
  assert.match((await ask(path)).headers.get("warning") ?? "", /v1 Endpoints is deprecated/);
  assert.equal((await ask(`${path}/status`)).headers.get("warning"), null);
});

test("deleting a Job is warned of, unless the request says what becomes of its pods", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const warning = async (query: string) => {
    const answer = await ask(`/apis/batch/v1/namespaces/default/jobs/none${query}`, { method: "DELETE" });
    return answer.headers.get("warning") ?? "";
  };
  assert.match(await warning(""), /^299 - "child pods are preserved by default when jobs are deleted; /);
  assert.equal(await warning("?propagationPolicy=Background"), "");
  assert.equal(await warning("?orphanDependents=true"), "");
});

test("a namespace's deletion is refused and accepted in words of its own", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } };
  await send(ask, "POST", "/api/v1/namespaces", namespace);
  const path = "/api/v1/namespaces/n?dryRun=All";
  const refused = await send(ask, "DELETE", path, { preconditions: { uid: "u" } });
  assert.match(
    (refused.body as Refusal).message,
    /^Operation cannot be fulfilled on namespaces "n": Precondition failed: UID in precondition: u, UID in object meta: [0-9a-f-]{36}$/,
  );
  const { status, body } = await send(ask, "DELETE", path, { orphanDependents: false });
  assert.equal(status, 202);
  assert.deepEqual((body as typeof namespace & { metadata: object }).metadata, {
    ...(body as typeof namespace).metadata,
    finalizers: ["foregroundDeletion"],
  });
});

test("names that no object can have are refused before anything is looked up", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const told = async (spec: object) => {
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p" },
      spec: { containers: [{ name: "c", image: "i" }], ...spec },
    };
    const { status, body } = await send(ask, "POST", "/api/v1/namespaces/default/pods", pod);
    return `${status} ${(body as Refusal).message}`;
  };
  assert.equal(await told({ runtimeClassName: "" }), "500 resource name may not be empty");
  assert.equal(await told({ runtimeClassName: "a/b" }), `500 invalid resource name "a/b": [may not contain '/']`);
  assert.equal(
    await told({ serviceAccountName: "a/b" }),
    `403 pods "p" is forbidden: error looking up service account default/a/b: invalid resource name "a/b": [may not contain '/']`,
  );
});

test("upstream's other servers know the kinds of their own group only", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m" } };
  const { body } = await send(ask, "POST", "/apis/apiregistration.k8s.io/v1/apiservices", map);
  assert.equal(
    (body as Refusal).message,
    'ConfigMap in version "v1" cannot be handled as a APIService: no kind "ConfigMap" is registered for version "v1" in scheme "k8s.io/kube-aggregator/pkg/apiserver/scheme/scheme.go:28"',
  );
});
