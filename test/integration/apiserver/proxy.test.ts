// Requests that go on to a kubelet or to a pod by way of the node: logs, exec, proxies; against a kubelet that echoes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Agent, createServer, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { WebSocket } from "ws";
import { type ApiServer, createApiServer } from "#kubernetes/apiserver";
import { openMemoryStore } from "#kubernetes/store";

const tls = {
  key: readFileSync(new URL("../../fixtures/tls/localhost.key", import.meta.url), "utf8"),
  certificate: readFileSync(new URL("../../fixtures/tls/localhost.crt", import.meta.url), "utf8"),
};
const admin = { name: "admin", groups: ["system:masters"] };

async function startKubelet() {
  const server = createServer({ key: tls.key, cert: tls.certificate }, (request, response) => {
    const body: Buffer[] = [];
    request.on("data", (chunk: Buffer) => body.push(chunk));
    request.on("end", () => {
      if (request.url?.startsWith("/containerLogs/default/waiting/")) {
        response.writeHead(400).end("container is waiting to start");
      } else if (request.url?.startsWith("/page")) {
        response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end('<a href="/x">x</a>');
      } else if (request.url?.startsWith("/moved")) {
        response.writeHead(302, { location: "/elsewhere" }).end();
      } else {
        const told = {
          method: request.method,
          url: request.url,
          headers: request.headers,
          body: String(Buffer.concat(body)),
        };
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(told));
      }
    });
  });
  server.on("upgrade", (request, socket) => {
    socket.on("error", () => socket.destroy());
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\n\r\n`,
    );
    socket.write(`${request.url} `);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

function post(server: ApiServer, path: string, object: object) {
  const query = new URLSearchParams();
  return server.handler({ method: "POST", path, query, headers: {}, user: admin, body: { kind: "object", object } });
}

async function withServers(use: (port: number, server: ApiServer) => Promise<void>): Promise<void> {
  const kubelet = await startKubelet();
  const server = createApiServer({ store: openMemoryStore(), admission: [], tokens: { t: admin } });
  try {
    await post(server, "/api/v1/nodes", {
      metadata: { name: "node" },
      status: {
        addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
        daemonEndpoints: { kubeletEndpoint: { Port: kubelet.port } },
      },
    });
    for (const name of ["web", "waiting"]) {
      const containers = [{ name: "main", image: "x" }];
      await post(server, "/api/v1/namespaces/default/pods", {
        metadata: { name },
        spec: { nodeName: "node", containers },
      });
    }
    const { port } = await server.listen({ host: "127.0.0.1", port: 0, tls });
    await use(port, server);
  } finally {
    await server.stop();
    kubelet.close();
  }
}

interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

function send(port: number, method: string, path: string, body = ""): Promise<Received> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: "Bearer t", "content-length": Buffer.byteLength(body) };
    const agent = new Agent({ rejectUnauthorized: false });
    const outgoing = httpsRequest({ host: "127.0.0.1", port, method, path, headers, agent }, (incoming) => {
      let text = "";
      incoming.on("data", (chunk) => {
        text += String(chunk);
      });
      incoming.on("end", () => resolve({ status: incoming.statusCode!, headers: incoming.headers, text }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

test("logs are the kubelet's, and so are its refusals", async () => {
  await withServers(async (port) => {
    const path = "/api/v1/namespaces/default/pods/web/log";
    const answer = await send(port, "GET", `${path}?follow=true&tailLines=5`);
    assert.equal(answer.headers["content-type"], "text/plain");
    assert.equal(JSON.parse(answer.text).url, "/containerLogs/default/web/main?follow=true&stream=All&tailLines=5");
    const refused = JSON.parse((await send(port, "GET", "/api/v1/namespaces/default/pods/waiting/log")).text);
    assert.deepEqual([refused.code, refused.message], [400, "container is waiting to start"]);
    const wrong = JSON.parse((await send(port, "GET", `${path}?container=none`)).text);
    assert.equal(wrong.message, "container none is not valid for pod web");
  });
});

/** What comes over a WebSocket until the server closes it, or until there are so many messages. */
function receive(port: number, path: string, protocols: string[], most = Number.POSITIVE_INFINITY): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const url = `wss://127.0.0.1:${port}${path}`;
    const webSocket = new WebSocket(url, protocols, {
      rejectUnauthorized: false,
      headers: { authorization: "Bearer t" },
    });
    const messages: string[] = [];
    webSocket.on("message", (data, isBinary) => {
      messages.push(`${isBinary ? "binary" : "text"} ${String(data)}`);
      if (messages.length === most) webSocket.close();
    });
    webSocket.on("close", () => resolve(messages));
    webSocket.on("error", reject);
  });
}

test("logs and watches come over a WebSocket where that is asked for", async () => {
  await withServers(async (port) => {
    const path = "/api/v1/namespaces/default/pods/web/log";
    const [log = ""] = await receive(port, path, ["binary.k8s.io"]);
    assert.match(log, /^binary .*"url":"\/containerLogs\/default\/web\/main\?stream=All"/);
    const [encoded = ""] = await receive(port, path, ["base64.binary.k8s.io"]);
    const [kind, text = ""] = encoded.split(" ");
    assert.equal(kind, "text");
    assert.match(Buffer.from(text, "base64").toString(), /containerLogs/);
    const events = await receive(port, "/api/v1/namespaces/default/pods?watch=1&resourceVersion=0", [], 2);
    assert.deepEqual(
      events.map((event) => JSON.parse(event.slice("text ".length)).object.metadata.name),
      ["waiting", "web"],
    );
    await assert.rejects(
      receive(port, "/api/v1/namespaces/default/pods/waiting/log", []),
      /Unexpected server response: 400/,
    );
  });
});

test("the node's proxy passes requests on without credentials, and brings links and redirects home", async () => {
  await withServers(async (port) => {
    const prefix = "/api/v1/nodes/node/proxy";
    const told = JSON.parse((await send(port, "POST", `${prefix}/echo/a%20b?c=d`, "hello")).text);
    assert.deepEqual([told.method, told.url, told.body], ["POST", "/echo/a%20b?c=d", "hello"]);
    assert.equal(told.headers.authorization, undefined);
    assert.equal(told.headers["x-forwarded-uri"], `${prefix}/echo/a%20b?c=d`);
    assert.equal(JSON.parse((await send(port, "PUT", `${prefix}?c=d`)).text).url, "/?c=d");
    assert.equal(JSON.parse((await send(port, "OPTIONS", `${prefix}/x`)).text).method, "OPTIONS");
    assert.equal((await send(port, "TRACE", `${prefix}/x`)).status, 405);
    assert.equal((await send(port, "GET", `${prefix}/page`)).text, `<a href="${prefix}/x">x</a>`);
    assert.equal((await send(port, "GET", `${prefix}/moved`)).headers["location"], `${prefix}/elsewhere`);
    assert.equal((await send(port, "GET", prefix)).headers["location"], `${prefix}/`);
  });
});

test("exec joins both connections; without an upgrade it is refused", async () => {
  await withServers(async (port) => {
    const path = "/api/v1/namespaces/default/pods/web/exec?command=sh&command=-c&stdin=true&stdout=true";
    const refused = JSON.parse((await send(port, "POST", path)).text);
    assert.equal(refused.message, "Upgrade request required");
    const echoed = await upgrade(port, path, "hi there");
    assert.equal(echoed, "/exec/default/web/main?input=1&output=1&command=sh&command=-c hi there");
  });
});

function upgrade(port: number, path: string, message: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: "Bearer t", connection: "Upgrade", upgrade: "SPDY/3.1" };
    const options = { host: "127.0.0.1", port, method: "POST", path, headers, rejectUnauthorized: false };
    const outgoing = httpsRequest({ ...options, agent: new Agent() });
    outgoing.on("upgrade", (_answer, socket, head) => {
      let text = String(head);
      const take = () => {
        if (!text.endsWith(message)) return;
        socket.destroy();
        resolve(text);
      };
      socket.on("data", (chunk) => {
        text += String(chunk);
        take();
      });
      socket.write(message);
    });
    outgoing.on("response", (answer) => reject(new Error(`refused: ${answer.statusCode}`)));
    outgoing.on("error", reject);
    outgoing.end();
  });
}
