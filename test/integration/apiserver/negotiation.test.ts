// Which forms an answer can be had in, and what is said where it cannot: upstream's router looks first, then whoever answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPort } from "../../support/cluster/open-port.ts";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";

const all = "application/json, application/yaml, application/vnd.kubernetes.protobuf";
const streams = ", application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch";
const byRouter = (types: string) => `406: Not Acceptable\n\nAvailable representations: ${types}`;
const byHandler = (types: string) => `only the following media types are accepted: ${types}`;

const refusals: readonly (readonly [path: string, accept: string, message: string])[] = [
  ["/api", "text/plain", byRouter(all)],
  ["/api/v1", "application/*", byRouter(all)],
  ["/apis/apps/v1", "application/json;as=Table;g=meta.k8s.io;v=v1", byHandler(all)],
  ["/apis", "text/plain", byHandler(all)],
  ["/apis", "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList", byHandler(all)],
  ["/apis/apps", "text/plain", byHandler(all)],
  ["/version", "application/yaml", byRouter("application/json")],
  ["/openid/v1/jwks", "application/json", byRouter("application/jwk-set+json")],
  ["/api/v1/pods", "text/plain", byRouter(all + streams)],
  ["/api/v1/namespaces/default", "text/plain", byRouter(all)],
  ["/api/v1/namespaces/default", "application/json;as=Foo;g=meta.k8s.io;v=v1", byHandler(all)],
  ["/api/v1/pods", "application/json;as=Table;g=meta.k8s.io;v=v2", byHandler(all)],
];

test("an answer in a form that is not to be had is refused, in the words of whoever looked", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  for (const [path, accept, message] of refusals) {
    const answer = await ask(path, { headers: { accept } });
    assert.equal(answer.status, 406, `${path} as ${accept}`);
    const status = (await (accept.includes("yaml") ? answer.text() : answer.json())) as { message: string } | string;
    if (typeof status !== "string") assert.equal(status.message, message, `${path} as ${accept}`);
  }
});

test("discovery can only be read; a version that is not there is a resource not found, a group that is not, a page", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  for (const path of ["/api", "/api/v1", "/apis/apps/v1", "/version"]) {
    const answer = await ask(path, { method: "POST" });
    assert.equal(answer.status, 405, path);
  }
  const answerOf = async (path: string, accept = "application/json") =>
    (await ask(path, { headers: { accept } })).text();
  for (const path of ["/apis/apps/v9", "/api/v2"]) {
    assert.match(await answerOf(path), /"message":"the server could not find the requested resource"/, path);
  }
  assert.equal(await answerOf("/apis/nope"), "404 page not found\n");
  // What is not there is not there in any form.
  assert.match(await answerOf("/api/v1/nope", "text/plain"), /the server could not find the requested resource/);
});

test("aggregated discovery names the kinds of a version without it, those of custom resources with it", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  const answer = await ask("/apis", { headers: { accept } });
  assert.equal(answer.headers.get("cache-control"), "public");
  const { items } = (await answer.json()) as {
    items: { metadata: object; versions: { resources: { resource: string; responseKind: object }[] }[] }[];
  };
  const apps = items.find(({ metadata }) => "name" in metadata && metadata.name === "apps")!;
  assert.deepEqual(apps.metadata, { name: "apps" });
  const { responseKind } = apps.versions[0]!.resources.find(({ resource }) => resource === "deployments")!;
  assert.deepEqual(responseKind, { group: "", version: "", kind: "Deployment" });
});

test("the root lists what can be asked for", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const { paths } = (await (await ask("/")).json()) as { paths: string[] };
  for (const path of [
    "/api",
    "/api/v1",
    "/apis",
    "/apis/",
    "/apis/apps",
    "/apis/apps/v1",
    "/healthz/ping",
    "/version",
  ]) {
    assert.ok(paths.includes(path), path);
  }
  assert.deepEqual(paths, [...paths].sort());
});
