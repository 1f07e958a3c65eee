// Requests made up to do harm, over the wire: the server refuses them or answers them, never fails at them, and goes on serving. Seeds
// are fixed; requests that once did harm are listed for good.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { createRandom, mutate, type Random } from "../../../src/kubernetes/api/testing/random.ts";
import { type Ask, openPort } from "../../support/cluster/open-port.ts";
import { adminToken, startTestCluster } from "../../support/cluster/test-cluster.ts";

const rounds = 300;
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const paths = [
  "/api/v1/namespaces/default/configmaps",
  "/api/v1/namespaces/default/configmaps/a",
  "/api/v1/namespaces/default/pods/p",
  "/api/v1/namespaces/default/pods/p/status",
  "/api/v1/namespaces/default/pods/p/eviction",
  "/api/v1/namespaces/default/pods/p/binding",
  "/api/v1/namespaces/default/pods/p/resize",
  "/api/v1/namespaces/default/serviceaccounts/default/token",
  "/api/v1/namespaces/default/services/s/proxy/x",
  "/api/v1/namespaces/other/finalize",
  "/api/v1/nodes",
  "/apis/apps/v1/namespaces/default/deployments/d/scale",
  "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers",
  "/apis/events.k8s.io/v1/namespaces/default/events",
  "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
  "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
  "/apis/certificates.k8s.io/v1/certificatesigningrequests/c/approval",
  "/api/v1/watch/pods",
  "/apis",
  "/openapi/v3/api/v1",
  "/livez/ping",
  "/%2e%2e/api//v1/%00",
];
const contentTypes = [
  "application/json",
  "application/yaml",
  "application/vnd.kubernetes.protobuf",
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
  "text/plain",
  "nonsense",
];
const accepts = [
  "*/*",
  "application/json;as=Table;g=meta.k8s.io;v=v1",
  "application/vnd.kubernetes.protobuf",
  "a/b;;q=x",
];
const bodies = [
  "",
  "null",
  "[]",
  '"x"',
  "{}",
  '{"metadata":null}',
  '{"metadata":{"name":"a","labels":[],"ownerReferences":{}}}',
  '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"y"}}',
  '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}',
  '{"apiVersion":"v1","kind":"Node","metadata":{"name":"n"},"spec":null,"status":{"conditions":[null]}}',
  '[{"op":"add","path":"/metadata/labels","value":{"a":"b"}},{"op":"move","from":"","path":"/x"}]',
  '[{"op":"test"},null]',
  '{"spec":{"containers":[{"$patch":"replace"},{"name":"c","$patch":"delete"}],"$setElementOrder/containers":[{"name":1}]}}',
  '{"metadata":{"managedFields":[{"manager":"m","fieldsV1":{"f:a":7}}]}}',
  '{"spec":{"replicas":"many"},"status":7}',
  '{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":1},"gracePeriodSeconds":-9e99}',
  "a: &a [*a]\n",
];
const parameters = [
  "limit=-1",
  "limit=99999999999999999999",
  "continue=bnVsbA",
  "continue=%00",
  "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhL2IifQ",
  "resourceVersion=-1",
  "resourceVersion=abc",
  "resourceVersion=18446744073709551616",
  "resourceVersionMatch=Exact&resourceVersion=1",
  "fieldSelector=constructor%3Da",
  "fieldSelector=__proto__=a",
  "fieldSelector=spec.nodeName==,",
  "labelSelector=a+in+(,)",
  "labelSelector=%F0%9F%98%80",
  "dryRun=All&fieldManager=%01",
  "dryRun=Some",
  "fieldValidation=Strict",
  "force=maybe&fieldManager=m",
  "pretty=1",
  "propagationPolicy=Foreground&gracePeriodSeconds=x",
  "timeoutSeconds=0",
  "watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
];

test("hostile requests: none makes the server fail", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const random = createRandom(3);
  for (let round = 0; round < rounds; round++) await expectAnswer(ask, makeUp(random), round);
  assert.equal((await ask("/readyz")).status, 200);
});

interface MadeUp {
  readonly path: string;
  readonly init: RequestInit & { readonly headers: Record<string, string> };
}

function makeUp(random: Random): MadeUp {
  const method = random.pick(methods);
  const query = Array.from({ length: random.below(3) }, () => random.pick(parameters)).join("&");
  const headers = { "content-type": random.pick(contentTypes), accept: random.pick(accepts) };
  const body = Buffer.from(random.pick(bodies));
  const sent = random.chance(0.4) ? mutate(body, random) : body;
  const hasBody = method !== "GET";
  return {
    path: `${random.pick(paths)}${query === "" ? "" : `?${query}`}`,
    init: { method, headers, ...(hasBody && { body: Buffer.from(sent) }), signal: AbortSignal.timeout(10_000) },
  };
}

/** Some refusals are 500s upstream, too: those say what is wrong with the patch, or with the version asked for. */
const knownFailures =
  /unable to find api field|expected a|doesn't match \$setElementOrder|merging an object in json|no elements in any|unknown patch type|list element types|merging lists cannot|does not contain declared merge key|cannot merge lists|expected slice or array|strconv\.ParseUint: parsing|value for key \d+ is not a map/;

async function expectAnswer(ask: Ask, { path, init }: MadeUp, round: number): Promise<void> {
  const answer = await ask(path, init);
  // Of watches, the end is not waited for.
  if (answer.status < 500 || answer.status === 503) return answer.body?.cancel();
  const text = await answer.text();
  if (knownFailures.test(text)) return;
  const body = init.body ? Buffer.from(init.body as Uint8Array).toString("latin1") : "";
  const request = `${init.method} ${path} ${JSON.stringify(init.headers)} ${JSON.stringify(body)}`;
  assert.fail(`round ${round}: ${request}\n${answer.status} ${text}`);
}

test("request bodies: three megabytes are the limit, whether the client ends or not", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const path = "/api/v1/namespaces/default/configmaps";
  const headers = { "content-type": "application/json" };
  const data = "x".repeat(3 * 1024 * 1024);
  const body = JSON.stringify({ metadata: { name: "a" }, data: { data } });
  const refused = await ask(path, { method: "POST", body, headers });
  assert.equal(refused.status, 413);
  const status = (await refused.json()) as { reason: string; message: string };
  assert.deepEqual(
    [status.reason, status.message],
    ["RequestEntityTooLarge", "Request entity too large: limit is 3145728"],
  );
});

test("depth: values nested without end are refused", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const deep = `${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}`;
  for (const type of ["application/json", "application/merge-patch+json"]) {
    const method = type === "application/json" ? "POST" : "PATCH";
    const path = `/api/v1/namespaces/default/configmaps${method === "PATCH" ? "/kube-root-ca.crt" : ""}`;
    const answer = await ask(path, { method, body: deep, headers: { "content-type": type } });
    assert.ok(answer.status >= 400 && answer.status < 500, `${type}: ${answer.status} ${await answer.text()}`);
  }
});

test("half a request: a client that hangs up costs nothing", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const { port } = new URL((await ask("/version")).url);
  const head = `POST /api/v1/namespaces HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${adminToken}\r\ncontent-length: 100\r\n\r\n{`;
  for (const text of [head, "nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"]) {
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("error", () => undefined);
    await new Promise<void>((resolve) => socket.write(text, () => resolve()));
    socket.destroy();
  }
  assert.equal((await ask("/readyz")).status, 200);
});
