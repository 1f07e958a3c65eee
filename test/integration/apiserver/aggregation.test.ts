// API aggregation: a second API server behind the first, reached by an APIService.

import assert from "node:assert/strict";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { type TestContext, test } from "node:test";
import { type ConfigMap, isStatusError, type KubeObject, type Resource } from "#kubernetes/api";
import { createClient, createDirectTransport, discoverResources } from "#kubernetes/client";
import {
  admin,
  flunders,
  group,
  putSlice,
  request,
  send,
  serviceName,
  startTwoServers,
  type TwoServers,
  version,
} from "../../support/aggregation/two-servers.ts";

interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function open(port: number, method: string, path: string, options: { token?: string; body?: object; accept?: string }) {
  const { token = "admin", body, accept = "application/json" } = options;
  return new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, accept, "content-type": "application/json" };
    const outgoing = httpsRequest(
      { host: "127.0.0.1", port, method, path, headers, agent: false, rejectUnauthorized: false },
      resolve,
    );
    outgoing.on("error", reject);
    outgoing.end(body && JSON.stringify(body));
  });
}

async function fetchText(
  port: number,
  method: string,
  path: string,
  options: Parameters<typeof open>[3] = {},
): Promise<Received> {
  const answer = await open(port, method, path, options);
  let text = "";
  for await (const chunk of answer) text += String(chunk);
  return { status: answer.statusCode!, headers: answer.headers, text };
}

async function startRegistered(t: TestContext): Promise<TwoServers> {
  const servers = await startTwoServers(t);
  await servers.addService();
  await servers.register();
  assert.deepEqual(
    { ...(await servers.untilReason("Passed")), lastTransitionTime: "" },
    { type: "Available", status: "True", reason: "Passed", message: "all checks passed", lastTransitionTime: "" },
  );
  return servers;
}

const flunder = (name: string) => ({
  apiVersion: `${group}/${version}`,
  kind: "Flunder",
  metadata: { name },
  spec: { x: "y" },
});

test("aggregation: objects are made, read, watched and deleted through the front", async (t) => {
  const { port, behind } = await startRegistered(t);
  const made = await fetchText(port, "POST", flunders, { body: flunder("a") });
  assert.equal(made.status, 201);
  assert.equal((await send(behind, "GET", `${flunders}/a`)).metadata.name, "a");
  const watch = await open(port, "GET", `${flunders}?watch=true`, {});
  const reader = watch[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  assert.match(String((await reader.next()).value), /"ADDED".*"a"/);
  await fetchText(port, "DELETE", `${flunders}/a`);
  assert.match(String((await reader.next()).value), /"DELETED"/);
  watch.destroy();
  const missing = await fetchText(port, "GET", `${flunders}/a`);
  assert.equal(missing.status, 404);
  assert.equal(JSON.parse(missing.text).message, `flunders.${group} "a" not found`);
});

test("aggregation: who asks is told, whoever they are, and what they may not do here is refused here", async (t) => {
  const { port, front, behind } = await startRegistered(t);
  const refused = JSON.parse((await fetchText(port, "GET", flunders, { token: "somebody" })).text);
  assert.equal(refused.code, 403);
  assert.match(refused.message, /User "zoë" cannot list resource "flunders" in API group "wardle.example.com"/);
  const role = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" };
  const subjects = [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "zoë" }];
  const bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
  await send(front, "POST", bindings, { metadata: { name: "zoe" }, roleRef: role, subjects });
  const behindRefused = JSON.parse((await fetchText(port, "GET", flunders, { token: "somebody" })).text);
  assert.match(behindRefused.message, /User "zoë" cannot list resource "flunders"/);
  await send(behind, "POST", bindings, { metadata: { name: "zoe" }, roleRef: role, subjects });
  assert.equal((await fetchText(port, "GET", flunders, { token: "somebody" })).status, 200);
});

test("aggregation: both servers' groups are discovered as one, in the order of their priorities", async (t) => {
  const { port, front } = await startRegistered(t);
  const { groups } = JSON.parse((await fetchText(port, "GET", "/apis")).text);
  assert.equal(groups[0].name, "apiregistration.k8s.io");
  assert.equal(groups.at(-1).name, group);
  const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  const { items } = JSON.parse((await fetchText(port, "GET", "/apis", { accept })).text);
  const [shown] = items.at(-1).versions;
  assert.deepEqual([shown.version, shown.freshness, shown.resources[0].resource], [version, "Current", "flunders"]);
  const own = JSON.parse((await fetchText(port, "GET", `/apis/${group}`)).text);
  assert.equal(own.preferredVersion.groupVersion, `${group}/${version}`);
  const client = createClient({ transport: createDirectTransport(front.handler, admin), userAgent: "test" });
  const { resources, failures } = await discoverResources(client);
  assert.equal(failures.size, 0);
  assert.ok(resources.some(({ resource }) => resource.group === group && resource.resource === "flunders"));
  const index = JSON.parse((await fetchText(port, "GET", "/openapi/v3")).text);
  const { serverRelativeURL } = index.paths[`apis/${group}/${version}`];
  const document = JSON.parse((await fetchText(port, "GET", serverRelativeURL)).text);
  assert.ok(document.components.schemas["com.example.wardle.v1alpha1.Flunder"]);
  await request(front, "PATCH", `/apis/apiregistration.k8s.io/v1/apiservices/${serviceName}`, {
    body: { spec: { groupPriorityMinimum: 17_900 } },
    headers: { "content-type": "application/merge-patch+json" },
  });
  const again = JSON.parse((await fetchText(port, "GET", "/apis")).text);
  assert.equal(again.groups[1].name, group);
});

test("aggregation: the one document of OpenAPI v2 is that of all servers", async (t) => {
  const { front, port, addService, register, untilReason } = await startTwoServers(t);
  const path = `/apis/${group}/${version}/namespaces/{namespace}/flunders`;
  const definition = "com.example.wardle.v1alpha1.Flunder";
  const ask = async () => {
    const { text, headers } = await fetchText(port, "GET", "/openapi/v2");
    const read = JSON.parse(text) as { paths: Record<string, object>; definitions: Record<string, object> };
    return { ...read, etag: headers.etag! };
  };
  const before = await ask();
  assert.ok(!before.paths[path]);
  await addService();
  await register();
  await untilReason("Passed");
  let during = await ask();
  while (during.etag === before.etag) during = await ask();
  assert.ok(during.paths[path]);
  assert.ok(during.definitions[definition]);
  assert.ok(during.paths["/api/v1/namespaces/{namespace}/pods"]);
  assert.equal((await ask()).etag, during.etag);
  // Its other groups are this server's own, and so are the types that both describe alike.
  assert.deepEqual(
    Object.keys(during.definitions).filter((name) => !(name in before.definitions)),
    [definition, `${definition}List`],
  );
  const kindsOf = ({ definitions }: typeof before) =>
    (definitions["io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"] as Record<string, { group: string }[]>)[
      "x-kubernetes-group-version-kind"
    ]!;
  assert.deepEqual(kindsOf(during), kindsOf(before), "no kind is named twice");
  const accept = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
  const { status, text } = await fetchText(port, "GET", "/openapi/v2", { accept });
  assert.equal(status, 200);
  assert.ok(text.includes(definition));

  await request(front, "DELETE", `/apis/apiregistration.k8s.io/v1/apiservices/${serviceName}`);
  let after = await ask();
  while (after.paths[path]) after = await ask();
  assert.equal(after.etag, before.etag);
});

test("aggregation: clients in the same process read and watch through the front", async (t) => {
  const { front } = await startRegistered(t);
  const client = createClient({ transport: createDirectTransport(front.handler, admin), userAgent: "test" });
  const resource: Resource = { group, version, resource: "flunders", kind: "Flunder", namespaced: true };
  const made = await client.create(resource, { ...flunder("a"), metadata: { name: "a", namespace: "default" } });
  assert.equal(made.metadata.name, "a");
  const { items } = await client.list(resource, { namespace: "default" });
  assert.deepEqual(
    items.map(({ metadata }: KubeObject) => metadata.name),
    ["a"],
  );
  const none = client.get(resource, { namespace: "default", name: "b" });
  await assert.rejects(none, (error) => isStatusError(error) && error.reason === "NotFound");
  const answer = await client.raw({ method: "GET", path: flunders, query: new URLSearchParams({ watch: "true" }) });
  assert.ok(answer.kind === "watch");
  for await (const [event] of answer.events) {
    assert.equal(event!.object.metadata.name, "a");
    break;
  }
});

test("aggregation: why a server is not available is said, and it is again as soon as it can be", async (t) => {
  const servers = await startTwoServers(t);
  const { front, frontStore, port, behindPort } = servers;
  await servers.register();
  const gone = await servers.untilReason("ServiceNotFound");
  assert.equal(gone.message, 'service/api in "wardle" is not present');
  const refused = await fetchText(port, "GET", flunders);
  assert.deepEqual([refused.status, refused.text], [503, "service unavailable\n"]);
  assert.equal(refused.headers["content-type"], "text/plain; charset=utf-8");
  const services = "/api/v1/namespaces/wardle/services";
  await send(front, "POST", services, { metadata: { name: "api" }, spec: { ports: [{ port: 444, name: "https" }] } });
  const wrongPort = await servers.untilReason("ServicePortError");
  assert.equal(wrongPort.message, 'service/api in "wardle" is not listening on port 443');
  await request(front, "PATCH", `${services}/api`, {
    body: [{ op: "replace", path: "/spec/ports/0/port", value: 443 }],
    headers: { "content-type": "application/json-patch+json" },
  });
  const noSlices = await servers.untilReason("EndpointsNotFound");
  assert.equal(noSlices.message, 'cannot find endpointslices for service/api in "wardle"');
  await putSlice(frontStore, 1);
  const down = await servers.untilReason("FailedDiscoveryCheck");
  const url = `https://127.0.0.1:1/apis/${group}/${version}`;
  const why = `failing or missing response from ${url}: Get "${url}": dial tcp 127.0.0.1:1: connect: connection refused`;
  assert.deepEqual([down.status, down.message], ["False", why]);
  const { status, text } = await fetchText(port, "GET", "/apis");
  assert.deepEqual([status, JSON.parse(text).groups.at(-1).name], [200, group]);
  const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  const { items } = JSON.parse((await fetchText(port, "GET", "/apis", { accept })).text);
  assert.deepEqual(items.at(-1).versions, [{ version, freshness: "Stale" }]);
  await putSlice(frontStore, behindPort);
  await servers.untilReason("Passed");
  assert.equal((await fetchText(port, "GET", flunders)).status, 200);
});

test("aggregation: a server that shows the certificate of another is not believed, unless that is wished", async (t) => {
  const servers = await startTwoServers(t);
  await servers.addService();
  await servers.register({});
  const { message } = await servers.untilReason("FailedDiscoveryCheck");
  assert.match(message ?? "", /tls: failed to verify certificate/);
  await request(servers.front, "PATCH", `/apis/apiregistration.k8s.io/v1/apiservices/${serviceName}`, {
    body: { spec: { insecureSkipTLSVerify: true } },
    headers: { "content-type": "application/merge-patch+json" },
  });
  await servers.untilReason("Passed");
});

test("aggregation: other servers are told whom to trust", async (t) => {
  const { front } = await startTwoServers(t);
  const path = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication";
  const { data = {} } = (await send(front, "GET", path)) as ConfigMap;
  assert.match(data["client-ca-file"] ?? "", /BEGIN CERTIFICATE/);
  assert.match(data["requestheader-client-ca-file"] ?? "", /BEGIN CERTIFICATE/);
  const lists = Object.fromEntries(Object.entries(data).filter(([key]) => !key.endsWith("-file")));
  assert.deepEqual(lists, {
    "requestheader-allowed-names": '["front-proxy-client"]',
    "requestheader-extra-headers-prefix": '["X-Remote-Extra-"]',
    "requestheader-group-headers": '["X-Remote-Group"]',
    "requestheader-uid-headers": '["X-Remote-Uid"]',
    "requestheader-username-headers": '["X-Remote-User"]',
  });
});
