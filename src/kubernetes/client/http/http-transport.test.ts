import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Pod, resources, StatusError } from "#kubernetes/api";
import { FakeClock } from "#shared";
import { createClient } from "../create-client.ts";
import { createHttpTransport } from "./http-transport.ts";

const fixtures = join(import.meta.dirname, "../../../../test/fixtures/tls");
const cert = readFileSync(join(fixtures, "localhost.crt"), "utf8");
const key = readFileSync(join(fixtures, "localhost.key"), "utf8");

type Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

async function listen(server: Http2SecureServer | Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Setup {
  readonly handler: Handler;
  readonly protocol?: "h2" | "http/1.1";
}

/** A server that answers by `handler`, and a client of it; both go when the test ends. */
async function serve({ handler, protocol = "h2" }: Setup) {
  const sessions = new Set<{ close(): void; destroy(): void }>();
  let connections = 0;
  const server =
    protocol === "h2"
      ? createSecureServer({ cert, key, allowHTTP1: true }, handler)
      : createServer({ cert, key }, handler as unknown as Parameters<typeof createServer>[1]);
  server.on("secureConnection", () => connections++);
  server.on("session", (session) => sessions.add(session));
  const clock = new FakeClock();
  const transport = createHttpTransport({ server: await listen(server), tls: { ca: cert }, token: "secret", clock });
  const client = createClient({ transport, userAgent: "tester/1" });
  after(async () => {
    await client.close();
    server.close();
  });
  return { client, transport, clock, connections: () => connections, sessions };
}

function answer(response: Http2ServerResponse, body: object, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

async function readBody(request: Http2ServerRequest): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

for (const protocol of ["h2", "http/1.1"] as const) {
  test(`createHttpTransport: sends and reads objects over ${protocol}`, async () => {
    const seen: unknown[] = [];
    const { client } = await serve({
      protocol,
      handler: async (request, response) => {
        const { authorization, "content-type": contentType, "user-agent": agent } = request.headers;
        seen.push([request.httpVersion, request.method, request.url, authorization, contentType, agent]);
        answer(response, JSON.parse(await readBody(request)), 201);
      },
    });
    const pod: Pod = { metadata: { namespace: "a", name: "ü" }, spec: { containers: [] } };
    const created = await client.create(resources.pods, pod, { fieldManager: "me" });
    assert.deepEqual(created, { apiVersion: "v1", kind: "Pod", ...pod });
    const url = "/api/v1/namespaces/a/pods?fieldManager=me";
    const version = protocol === "h2" ? "2.0" : "1.1";
    assert.deepEqual(seen, [[version, "POST", url, "Bearer secret", "application/json", "tester/1"]]);
  });

  test(`createHttpTransport: a refusal is the server's Status, over ${protocol}`, async () => {
    const status = { kind: "Status", code: 409, reason: "Conflict", message: "too late", details: { name: "x" } };
    const { client } = await serve({ protocol, handler: (_, response) => answer(response, status, 409) });
    await assert.rejects(client.get(resources.nodes, { name: "x" }), (error) => {
      assert.ok(error instanceof StatusError);
      assert.deepEqual([error.code, error.reason, error.message], [409, "Conflict", "too late"]);
      return true;
    });
  });

  test(`client.watch: batches until the server ends it, over ${protocol}`, async () => {
    const { client } = await serve({
      protocol,
      handler: (_, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.write('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n');
        response.end('{"type":"DELETED","object":{"metadata":{"name":"a"}}}\n');
      },
    });
    const types: string[] = [];
    for await (const events of client.watch(resources.nodes, {})) types.push(...events.map((event) => event.type));
    assert.deepEqual(types, ["ADDED", "DELETED"]);
  });

  test(`client.watch: ends quietly when the signal fires, over ${protocol}`, async () => {
    const closed = Promise.withResolvers<void>();
    const { client } = await serve({
      protocol,
      handler: (_, response) => {
        response.on("close", () => closed.resolve());
        response.writeHead(200, { "content-type": "application/json" });
        response.write('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n');
      },
    });
    const controller = new AbortController();
    for await (const _ of client.watch(resources.nodes, { signal: controller.signal })) controller.abort();
    await closed.promise;
  });
}

test("client.watch: an ERROR event is thrown, after the changes before it", async () => {
  const { client } = await serve({
    handler: (_, response) => {
      const error = { type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired", message: "too old" } };
      response.end(`{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n${JSON.stringify(error)}\n`);
    },
  });
  let count = 0;
  const read = async () => {
    for await (const events of client.watch(resources.nodes, {})) count += events.length;
  };
  await assert.rejects(read(), /too old/);
  assert.equal(count, 1);
});

test("createHttpTransport: many requests at once share one session", async () => {
  const { client, connections } = await serve({ handler: (_, response) => answer(response, { metadata: {} }) });
  await Promise.all(Array.from({ length: 150 }, (_, n) => client.get(resources.nodes, { name: `n${n}` })));
  assert.ok(connections() <= 2, `${connections()} connections`);
});

test("createHttpTransport: dials again after the server went away", async () => {
  const { client, connections, sessions } = await serve({
    handler: (_, response) => answer(response, { metadata: {} }),
  });
  await client.get(resources.nodes, { name: "a" });
  for (const session of sessions) session.close();
  await client.get(resources.nodes, { name: "b" });
  assert.equal(connections(), 2);
});

test("createHttpTransport: renew takes a new connection and lets the old finish", async () => {
  const slow = Promise.withResolvers<Http2ServerResponse>();
  const { client, transport, connections } = await serve({
    handler: (request, response) => {
      if (request.url.endsWith("slow")) slow.resolve(response);
      else answer(response, { metadata: {} });
    },
  });
  const first = client.get(resources.nodes, { name: "slow" });
  const response = await slow.promise;
  transport.renew();
  await client.get(resources.nodes, { name: "b" });
  assert.equal(connections(), 2);
  answer(response, { metadata: { name: "slow" } });
  assert.equal((await first).metadata.name, "slow");
});

test("createHttpTransport: waits as the server says and tries again", async () => {
  let count = 0;
  const { client, clock } = await serve({
    handler: (_, response) =>
      ++count < 3
        ? answer(response, { kind: "Status", code: 429 }, 429, { "retry-after": "5" })
        : answer(response, { metadata: { name: "a" } }),
  });
  const node = client.get(resources.nodes, { name: "a" });
  let isDone = false;
  void node.then(() => {
    isDone = true;
  });
  while (!isDone) await clock.advance(5000);
  assert.equal((await node).metadata.name, "a");
  assert.equal(count, 3);
});

test("createHttpTransport: text comes as bytes, lists name their items' kind, deletes answer the object or nothing", async () => {
  const { client } = await serve({
    handler: (request, response) => {
      if (request.url === "/readyz") {
        response.writeHead(200, { "content-type": "text/plain" });
        response.end("ok");
      } else if (request.method === "DELETE") {
        answer(
          response,
          request.url.endsWith("a") ? { kind: "Status", status: "Success" } : { kind: "Pod", metadata: {} },
        );
      } else {
        const metadata = { resourceVersion: "9", continue: "more", remainingItemCount: 3 };
        answer(response, { kind: "PodList", apiVersion: "v1", metadata, items: [{ metadata: { name: "a" } }] });
      }
    },
  });
  const ready = await client.raw({ method: "GET", path: "/readyz" });
  assert.equal(ready.kind, "bytes");
  assert.deepEqual(await client.list(resources.pods), {
    items: [{ kind: "Pod", apiVersion: "v1", metadata: { name: "a" } }],
    resourceVersion: "9",
    continue: "more",
    remainingItemCount: 3,
  });
  assert.equal(await client.delete(resources.pods, { namespace: "x", name: "a" }), undefined);
  assert.equal((await client.delete(resources.pods, { namespace: "x", name: "b" }))?.kind, "Pod");
});

test("createHttpTransport: an untrusted certificate and a closed client are refused", async () => {
  const { client, transport } = await serve({ handler: (_, response) => answer(response, {}) });
  const server = createSecureServer({ cert, key });
  const untrusting = createHttpTransport({ server: await listen(server) });
  after(() => server.close());
  const request = { method: "GET", path: "/", query: new URLSearchParams(), headers: {} } as const;
  await assert.rejects(untrusting.request(request), /self-signed certificate/);
  await untrusting.close();
  await client.close();
  await assert.rejects(transport.request(request), /the client is closed/);
});
