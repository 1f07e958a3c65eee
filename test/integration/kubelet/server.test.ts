// The kubelet's server, over TLS, with the API server's word on who may do what; and clients that mean no good.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { WebSocket } from "ws";
import { resources } from "#kubernetes/api";
import { adminToken } from "../../support/cluster/test-cluster.ts";
import { hasPhase, nodeName, noKubelet, startTestNode, type TestNode } from "../../support/kubelet/test-node.ts";

const skip = noKubelet;
const fixtures = join(import.meta.dirname, "../../fixtures/tls");
const agent = new Agent({ rejectUnauthorized: false });

async function startServed(t: TestContext): Promise<{ node: TestNode; port: number }> {
  const read = (name: string) => readFileSync(join(fixtures, name), "utf8");
  const node = await startTestNode(t, { starts: false });
  const server = {
    host: "127.0.0.1",
    port: 0,
    cert: read("localhost.crt"),
    key: read("localhost.key"),
    clientCa: read("localhost.crt"),
  };
  await node.startKubelet({ server });
  const { status } = await node.cluster.client.get(resources.nodes, { name: nodeName });
  return { node, port: status!.daemonEndpoints!.kubeletEndpoint!.Port };
}

function ask(port: number, path: string, token?: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const call = request({ host: "127.0.0.1", port, path, agent, headers }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    call.on("error", reject);
    call.end();
  });
}

test("who may ask: nobody without a name, and only those the API server lets", { skip }, async (t) => {
  const { node, port } = await startServed(t);
  assert.deepEqual(await ask(port, "/pods"), { status: 401, body: "Unauthorized" });
  assert.deepEqual(await ask(port, "/pods", "no-such-token"), { status: 401, body: "Unauthorized" });
  const token = await node.serviceAccountToken("default");
  const refused = await ask(port, "/metrics", token);
  assert.equal(refused.status, 403);
  assert.equal(
    refused.body,
    "Forbidden (user=system:serviceaccount:default:default, verb=get, resource=nodes, subresource(s)=[metrics])\n",
  );
  await node.createPod("web", {});
  await node.untilPod("web", hasPhase("Running"));
  const pods = JSON.parse((await ask(port, "/pods", adminToken)).body);
  assert.equal(pods.items[0].metadata.name, "web");
  assert.equal((await ask(port, "/healthz", adminToken)).body, "ok");
  assert.match((await ask(port, "/metrics", adminToken)).body, /kubelet_running_pods 1/);
  assert.equal((await ask(port, "/nothing", adminToken)).status, 404);
  assert.equal((await ask(port, "/containerLogs/default/none/main", adminToken)).status, 404);
  assert.equal((await ask(port, "/containerLogs/default/web/main?tailLines=x", adminToken)).status, 422);
});

test("a client that breaks the rules ends its own connection, nobody else's", { skip }, async (t) => {
  const { node, port } = await startServed(t);
  const runtime = await startStreams(t);
  node.runtime.execUrl = runtime.url;
  await node.createPod("web", {});
  await node.untilPod("web", hasPhase("Running"));
  const path = "/exec/default/web/main?command=cat&input=1&output=1";

  // No WebSocket handshake at all.
  const plain = await openRaw(
    port,
    `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${adminToken}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n`,
  );
  await plain.ended;

  // Frames that are none, before the runtime has answered.
  const broken = await openRaw(
    port,
    `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${adminToken}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n`,
  );
  broken.socket.write(Buffer.alloc(64, 0xff));
  await broken.ended;

  // More at once than a frame of the runtime's protocol can carry.
  const large = new WebSocket(`wss://127.0.0.1:${port}${path}`, "v5.channel.k8s.io", {
    rejectUnauthorized: false,
    headers: { authorization: `Bearer ${adminToken}` },
  });
  await new Promise((resolve, reject) => large.once("open", resolve).once("error", reject));
  const before = runtime.received();
  large.send(Buffer.alloc(0x1000010));
  // Channels that do not exist, and closing what was never open.
  for (const message of [[9, 1], [255], [255, 77], [4, 1], []]) large.send(Buffer.from(message));
  await runtime.until(() => runtime.received() - before >= 0x1000010);
  large.terminate();

  assert.equal((await ask(port, "/healthz", adminToken)).body, "ok");
});

interface Raw {
  readonly socket: TLSSocket;
  readonly ended: Promise<void>;
}

/** Sends the text over TLS. */
async function openRaw(port: number, text: string): Promise<Raw> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => {});
  socket.resume();
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  socket.write(text);
  return { socket, ended };
}

/** A runtime's streaming server that only counts what it is sent. */
async function startStreams(t: TestContext) {
  let received = 0;
  const waiting = new Set<() => void>();
  const server: Server = createServer((_request, answer) => answer.writeHead(400).end());
  server.on("upgrade", (_request, socket) => {
    socket.on("error", () => {});
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
    socket.on("data", (chunk: Buffer) => {
      received += chunk.length;
      for (const look of waiting) look();
    });
    t.after(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/exec/1`,
    received: () => received,
    until: (isSo: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!isSo()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
