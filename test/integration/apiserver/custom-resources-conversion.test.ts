// Custom resources whose versions a webhook converts: reads, lists, watches, writes and ownership.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { type ApiRequest, type CustomResourceDefinition, isStatusError, type UnknownObject } from "#kubernetes/api";
import { createApiServer } from "#kubernetes/apiserver";
import { openMemoryStore } from "#kubernetes/store";

const tls = {
  key: readFileSync(new URL("../../fixtures/tls/localhost.key", import.meta.url), "utf8"),
  cert: readFileSync(new URL("../../fixtures/tls/localhost.crt", import.meta.url), "utf8"),
};
const admin = { name: "admin", groups: ["system:masters", "system:authenticated"] };
const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const hosts = {
  v1: "/apis/ex.example/v1/namespaces/default/hosts",
  v2: "/apis/ex.example/v2/namespaces/default/hosts",
};

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    readonly objects: readonly UnknownObject[];
  };
}

/** v1 has "address", v2 has "host" and "port". */
function convert(object: UnknownObject, apiVersion: string): UnknownObject {
  const spec = object["spec"] as { address?: string; host?: string; port?: string };
  if (apiVersion.endsWith("v1")) return { ...object, apiVersion, spec: { address: `${spec.host}:${spec.port}` } };
  const [host, port] = (spec.address ?? "").split(":");
  return { ...object, apiVersion, spec: { host, port } };
}

async function startWebhook(t: TestContext, broken: { isBroken: boolean }) {
  const reviews: Review[] = [];
  const server: Server = createServer(tls, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const review = JSON.parse(Buffer.concat(chunks).toString()) as Review;
      reviews.push(review);
      const { uid, desiredAPIVersion, objects } = review.request;
      const convertedObjects = objects.map((object) => convert(object, desiredAPIVersion));
      const result = broken.isBroken ? { status: "Failed", message: "not today" } : { status: "Success" };
      const { apiVersion, kind } = review;
      response.end(JSON.stringify({ apiVersion, kind, response: { uid, result, convertedObjects } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { reviews, url: `https://localhost:${(server.address() as AddressInfo).port}/convert` };
}

function start(t: TestContext) {
  const server = createApiServer({ store: openMemoryStore({ freeze: true }) });
  t.after(() => server.stop());
  const request = (method: ApiRequest["method"], path: string, body?: object, options: Partial<ApiRequest> = {}) =>
    server.handler({
      method,
      path,
      query: new URLSearchParams(),
      headers: { "user-agent": "test" },
      user: admin,
      ...(body && { body: { kind: "object", object: structuredClone(body) } as const }),
      ...options,
    });
  const send = async (...args: Parameters<typeof request>): Promise<UnknownObject> => {
    const answer = await request(...args);
    assert.ok(answer.kind === "object");
    return answer.object as UnknownObject;
  };
  return { request, send };
}

async function define({ request, send }: ReturnType<typeof start>, url: string): Promise<void> {
  const schema = (properties: object) => ({
    openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties } } },
  });
  const text = { type: "string" };
  await send("POST", definitions, {
    metadata: { name: "hosts.ex.example" },
    spec: {
      group: "ex.example",
      scope: "Namespaced",
      names: { plural: "hosts", kind: "Host" },
      versions: [
        { name: "v1", served: true, storage: true, schema: schema({ address: text }) },
        { name: "v2", served: true, storage: false, schema: schema({ host: text, port: text }) },
      ],
      conversion: {
        strategy: "Webhook",
        webhook: {
          conversionReviewVersions: ["v1"],
          clientConfig: { url, caBundle: Buffer.from(tls.cert).toString("base64") },
        },
      },
    },
  });
  const answer = await request("GET", definitions, undefined, { query: new URLSearchParams({ watch: "true" }) });
  assert.ok(answer.kind === "watch");
  for await (const events of answer.events) {
    const isEstablished = events.some(({ object }) =>
      (object as CustomResourceDefinition).status?.conditions?.some(
        ({ type, status }) => type === "Established" && status === "True",
      ),
    );
    if (isEstablished) return;
  }
}

const host = (name: string, version: "v1" | "v2", spec: object) => ({
  apiVersion: `ex.example/${version}`,
  kind: "Host",
  metadata: { name },
  spec,
});

test("objects are shown, listed and written in every version", async (t) => {
  const webhook = await startWebhook(t, { isBroken: false });
  const server = start(t);
  await define(server, webhook.url);
  await server.send("POST", hosts.v1, host("a", "v1", { address: "one:1" }));
  await server.send("POST", hosts.v2, host("b", "v2", { host: "two", port: "2" }));
  assert.deepEqual((await server.send("GET", `${hosts.v1}/b`))["spec"], { address: "two:2" });
  const before = webhook.reviews.length;
  const list = await server.send("GET", hosts.v2);
  const specs = (list["items"] as UnknownObject[]).map(({ spec }) => spec);
  assert.deepEqual(specs, [
    { host: "one", port: "1" },
    { host: "two", port: "2" },
  ]);
  // What was written or read in that version is known; the rest goes in one review.
  assert.equal(webhook.reviews.length, before + 1);
});

test("a watch sees changes in its version, in order", async (t) => {
  const webhook = await startWebhook(t, { isBroken: false });
  const server = start(t);
  await define(server, webhook.url);
  const answer = await server.request("GET", hosts.v2, undefined, { query: new URLSearchParams({ watch: "true" }) });
  assert.ok(answer.kind === "watch");
  await server.send("POST", hosts.v1, host("a", "v1", { address: "one:1" }));
  await server.send("POST", hosts.v1, host("b", "v1", { address: "two:2" }));
  await server.send("DELETE", `${hosts.v1}/a`);
  const seen: unknown[] = [];
  for await (const events of answer.events) {
    seen.push(...events.map(({ type, object }) => [type, object.metadata.name, (object as UnknownObject)["spec"]]));
    if (seen.length >= 3) break;
  }
  assert.deepEqual(seen, [
    ["ADDED", "a", { host: "one", port: "1" }],
    ["ADDED", "b", { host: "two", port: "2" }],
    ["DELETED", "a", { host: "one", port: "1" }],
  ]);
});

test("fields are owned at the version they were written in", async (t) => {
  const webhook = await startWebhook(t, { isBroken: false });
  const server = start(t);
  await define(server, webhook.url);
  const headers = { "content-type": "application/apply-patch+yaml" };
  const apply = (version: "v1" | "v2", spec: object, manager: string) =>
    server.send("PATCH", `${hosts[version]}/a`, host("a", version, spec), {
      headers,
      query: new URLSearchParams({ fieldManager: manager }),
    });
  await apply("v1", { address: "one:1" }, "first");
  await assert.rejects(apply("v2", { host: "two", port: "1" }, "second"), /conflict with "first": .spec.address/);
});

test("a webhook that fails is told of", async (t) => {
  const broken = { isBroken: false };
  const webhook = await startWebhook(t, broken);
  const server = start(t);
  await define(server, webhook.url);
  await server.send("POST", hosts.v1, host("a", "v1", { address: "one:1" }));
  broken.isBroken = true;
  await assert.rejects(server.send("GET", `${hosts.v2}/a`), (error) => {
    assert.ok(isStatusError(error));
    assert.equal(error.code, 500);
    assert.equal(error.message, "conversion webhook for ex.example/v1, Kind=Host failed: not today");
    return true;
  });
});
