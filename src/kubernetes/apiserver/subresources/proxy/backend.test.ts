import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createBackends } from "./backend.ts";

test("createBackends: connections to pods come from the address on the pods' side", {
  skip: process.platform !== "linux",
}, async (t) => {
  const server = createServer((request, response) => response.end(request.socket.remoteAddress));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const backends = createBackends(undefined, "127.0.0.2");
  t.after(() => {
    backends.close();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const pod = { scheme: "http", host: "127.0.0.1", port, isKubelet: false } as const;
  const outgoing = backends.request(pod, { method: "GET", path: "/", headers: {} });
  outgoing.end();
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
  assert.equal(String((await answer.toArray())[0]), "127.0.0.2");
});
