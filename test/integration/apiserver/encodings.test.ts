// In which forms the API takes and gives: what is negotiated, and what upstream refuses.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { get } from "node:http";
import { connect } from "node:http2";
import { test } from "node:test";
import { createSecureContext } from "node:tls";
import { gunzipSync } from "node:zlib";
import { resources } from "#kubernetes/api";
import { openPort } from "../../support/cluster/open-port.ts";
import { adminToken, startTestCluster } from "../../support/cluster/test-cluster.ts";

const review = { spec: { nonResourceAttributes: { path: "/", verb: "get" } } };

/** Accept header, path, and what is said: a content type, or the words of a 406. */
const offers: readonly (readonly [accept: string, path: string, said: string])[] = [
  ["application/json", "/api/v1/nodes", "application/json"],
  ["application/yaml", "/api/v1/nodes", "application/yaml"],
  ["application/vnd.kubernetes.protobuf,application/json", "/api/v1/nodes", "application/vnd.kubernetes.protobuf"],
  ["application/json;q=0.5,application/yaml", "/api/v1/nodes", "application/yaml"],
  ["text/plain,*/*;q=0.1", "/api/v1/nodes", "application/json"],
  ["application/vnd.kubernetes.protobuf", "/api", "application/vnd.kubernetes.protobuf"],
  ["application/vnd.kubernetes.protobuf", "/api/v1", "application/vnd.kubernetes.protobuf"],
  ["application/vnd.kubernetes.protobuf", "/apis/apps/v1", "application/vnd.kubernetes.protobuf"],
  // What is no object of the API is JSON.
  ["text/plain", "/version", "406: Not Acceptable\n\nAvailable representations: application/json"],
  [
    "text/plain",
    "/.well-known/openid-configuration",
    "406: Not Acceptable\n\nAvailable representations: application/json",
  ],
  [
    "text/html",
    "/api/v1/nodes",
    "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch",
  ],
  [
    "application/cbor",
    "/api/v1/nodes",
    "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch",
  ],
  [
    "application/yaml",
    "/api/v1/nodes?watch=1&timeoutSeconds=1",
    "only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch",
  ],
];

test("forms of answers are negotiated", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  for (const [accept, path, said] of offers) {
    const answer = await ask(path, { headers: { accept } });
    if (answer.status === 200) assert.equal(answer.headers.get("content-type"), said, accept);
    else {
      assert.equal(answer.status, 406, accept);
      // A refusal comes in the form that was asked for, too, where there is one; YAML breaks its lines.
      const text = (await answer.text()).replaceAll("\n  ", " ");
      assert.ok(text.includes(JSON.stringify(said).slice(1, -1)), accept);
    }
  }
});

test("YAML holds no control characters but those that JSON escapes", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  for (const [name, text, status] of [
    ["escaped", "\x1b", 200],
    ["raw", "\x7f", 500],
  ] as const) {
    await cluster.client.create(resources.configMaps, { metadata: { name, namespace: "default" }, data: { text } });
    const path = `/api/v1/namespaces/default/configmaps/${name}`;
    const answer = await ask(path, { headers: { accept: "application/yaml" } });
    assert.equal(answer.status, status, name);
    const told = status === 500 ? "message: 'yaml: control characters are not allowed'" : 'text: "\\e"';
    assert.ok((await answer.text()).includes(told), name);
  }
});

test("JSON is indented for people, refusals too, and ends its line where it is not", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const end = async (path: string, agent: string) => {
    const answer = await ask(path, { headers: { "user-agent": agent } });
    return (await answer.text()).slice(-4);
  };
  for (const path of ["/api/v1/namespaces/default", "/api/v1/namespaces/none", "/api/v1/namespaces"]) {
    assert.match(await end(path, "curl/8"), /\n\}$/, path);
    assert.match(await end(path, "kubectl/v1.36.2"), /[^\s]\}\n$/, path);
  }
});

test("every answer says what audit events call its request: as the client does, where it does", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const auditId = async (path: string, headers = {}) => (await ask(path, { headers })).headers.get("audit-id");
  for (const path of ["/api/v1/namespaces/default", "/api/v1/namespaces/none", "/version"]) {
    assert.match((await auditId(path)) ?? "", /^[0-9a-f-]{36}$/, path);
    assert.equal(await auditId(path, { "audit-id": "mine" }), "mine", path);
  }
  assert.match((await auditId("/api", { authorization: "Bearer wrong" })) ?? "", /^[0-9a-f-]{36}$/);
});

test("what is no list cannot be a Table", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  const post = (accept: string) =>
    ask(path, {
      method: "POST",
      body: JSON.stringify(review),
      headers: { "content-type": "application/json", accept },
    });
  const table = "application/json;as=Table;v=v1;g=meta.k8s.io";
  assert.equal((await post(table)).status, 406);
  assert.equal((await post(`${table},application/json`)).status, 201);
});

test("bodies in forms there are not: 415", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  for (const type of ["application/cbor", "text/plain", "nonsense"]) {
    const answer = await ask("/api/v1/namespaces", { method: "POST", body: "{}", headers: { "content-type": type } });
    const { message } = (await answer.json()) as { message: string };
    assert.equal(answer.status, 415);
    assert.match(message, /accepted media types include: application\/json, application\/yaml, application\/vnd\.kube/);
  }
});

test("large answers are compressed for those who take it", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const data = { text: "x".repeat(200_000) };
  await cluster.client.create(resources.configMaps, { metadata: { name: "large", namespace: "default" }, data });
  const { port } = new URL((await ask("/version")).url);
  const headers = { authorization: `Bearer ${adminToken}`, "accept-encoding": "gzip" };
  const path = "/api/v1/namespaces/default/configmaps/large";
  const [encoding, body] = await new Promise<[string | undefined, Buffer]>((resolve, reject) => {
    const request = get({ host: "127.0.0.1", port, path, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => resolve([answer.headers["content-encoding"], Buffer.concat(chunks)]));
    });
    request.on("error", reject);
  });
  assert.equal(encoding, "gzip");
  assert.equal(JSON.parse(gunzipSync(body).toString()).data.text.length, 200_000);
});

test("HTTP/2: many requests and a watch over one connection", async () => {
  await using cluster = await startTestCluster();
  const fixture = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), "utf8");
  const certificate = fixture("localhost.crt");
  const tls = { certificate, key: fixture("localhost.key") };
  const { port } = await cluster.server.listen({ host: "127.0.0.1", port: 0, tls });
  const session = connect(`https://localhost:${port}`, { secureContext: createSecureContext({ ca: certificate }) });
  const ask = (path: string) =>
    session.request({ ":path": path, authorization: `Bearer ${adminToken}`, accept: "application/json" });
  try {
    const watch = ask("/api/v1/namespaces/default/configmaps?watch=1&resourceVersion=0");
    await new Promise((resolve) => watch.once("response", resolve));
    const bodies = await Promise.all(
      Array.from({ length: 20 }, async () =>
        Buffer.concat(await ask("/api/v1/namespaces/default").toArray()).toString(),
      ),
    );
    assert.ok(bodies.every((body) => JSON.parse(body).metadata.name === "default"));
    const seen = new Promise<string>((resolve) => watch.on("data", (chunk: Buffer) => resolve(chunk.toString())));
    await cluster.client.create(resources.configMaps, { metadata: { name: "a", namespace: "default" } });
    assert.equal(JSON.parse(await seen).object.metadata.name, "a");
    watch.close();
  } finally {
    session.destroy();
  }
});
