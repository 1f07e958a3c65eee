import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import type { LiveObjects } from "../live-objects.ts";
import type { RemoteService } from "./api-services.ts";
import { createServerConnections } from "./server-connections.ts";

const service = { spec: { service: { namespace: "wardle", name: "api" } } } as RemoteService;

test("createServerConnections: connections to services come from where pods are reached", {
  skip: process.platform === "linux" ? false : "only Linux has more than one loopback address without being told",
}, async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const connections = createServerConnections({} as LiveObjects, { podSideAddress: "127.0.0.2" });
  t.after(() => connections.close());
  const backend = { scheme: "https", host: "127.0.0.1", port, isKubelet: false } as const;
  const outgoing = connections.to(service).request(backend, { method: "GET", path: "/", headers: {} });
  outgoing.on("error", () => {});
  t.after(() => outgoing.destroy());
  const [socket] = (await once(server, "connection")) as [Socket];
  t.after(() => socket.destroy());
  assert.equal(socket.remoteAddress, "127.0.0.2");
});
