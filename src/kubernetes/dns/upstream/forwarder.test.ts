import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { type AddressInfo, createServer, type Server as TcpServer } from "node:net";
import { type TestContext, test } from "node:test";
import dnsPacket, { type Packet } from "dns-packet";
import { FakeClock, silentLogger } from "#shared";
import { noDnsMetrics } from "../metrics.ts";
import type { CachedMessage } from "./answer-cache.ts";
import { Forwarder } from "./forwarder.ts";
import type { Server } from "./resolver-file.ts";

interface TestServer extends Server {
  /** How often it was asked, over UDP and TCP. */
  readonly asked: { udp: number; tcp: number };
}

type Reply = (question: Packet, protocol: "udp" | "tcp") => Packet | undefined;

/** A name server on the loopback, over both protocols at the same port. */
async function startServer(t: TestContext, reply: Reply): Promise<TestServer> {
  const asked = { udp: 0, tcp: 0 };
  const answer = (bytes: Buffer, protocol: "udp" | "tcp") => {
    asked[protocol]++;
    const question = dnsPacket.decode(bytes);
    const response = reply(question, protocol);
    return (
      response && dnsPacket.encode({ type: "response", id: question.id!, questions: question.questions!, ...response })
    );
  };
  const tcp: TcpServer = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (bytes) => {
      const response = answer(bytes.subarray(2), "tcp");
      if (!response) return socket.destroy();
      const length = Buffer.alloc(2);
      length.writeUInt16BE(response.length);
      // In pieces: streams are not messages.
      socket.write(length);
      socket.end(response);
    });
  });
  await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
  const { port } = tcp.address() as AddressInfo;
  const udp: Socket = createSocket("udp4");
  udp.on("message", (bytes, client) => {
    const response = answer(bytes, "udp");
    if (response) udp.send(response, client.port, client.address);
  });
  await new Promise<void>((resolve) => udp.bind(port, "127.0.0.1", resolve));
  t.after(() => {
    udp.close();
    tcp.close();
  });
  return { address: "127.0.0.1", port, asked };
}

function createForwarder(t: TestContext, servers: readonly Server[], clock = new FakeClock()) {
  const forwarder = new Forwarder({
    servers: () => servers,
    timeoutMs: 200,
    clock,
    metrics: noDnsMetrics,
    logger: silentLogger,
  });
  t.after(() => forwarder.stop());
  const ask = async (name: string) =>
    await forwarder.ask({ labels: name.split("."), type: 1, dnssec: false, checkingDisabled: false });
  return { forwarder, ask, clock };
}

function addressIn(message: CachedMessage | undefined): unknown {
  const [answer] = dnsPacket.decode(message!.bytes).answers!;
  return (answer as { data: unknown }).data;
}

const address =
  (data: string, ttl = 20): Reply =>
  (question) => ({
    answers: [{ type: "A", name: question.questions![0]!.name, ttl, data }],
  });

/** A port where nobody listens any more. */
async function closedServer(t: TestContext): Promise<Server> {
  const server = await startServer(t, () => undefined);
  return { address: "127.0.0.2", port: server.port };
}

test("Forwarder: asks once, then answers from what it knows, as long as the record may be kept", async (t) => {
  const server = await startServer(t, address("192.0.2.1"));
  const { ask, clock } = createForwarder(t, [server]);
  assert.equal(addressIn(await ask("example.com")), "192.0.2.1");
  await clock.advance(19_000);
  assert.equal((await ask("example.com"))?.ageSeconds, 19);
  assert.equal(server.asked.udp, 1);
  await clock.advance(1000);
  assert.equal((await ask("example.com"))?.ageSeconds, 0);
  assert.equal(server.asked.udp, 2);
});

test("Forwarder: the same question under way is asked once", async (t) => {
  const server = await startServer(t, address("192.0.2.1", 0));
  const { ask } = createForwarder(t, [server]);
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask("example.com")));
  assert.deepEqual(new Set(answers.map(addressIn)), new Set(["192.0.2.1"]));
  assert.equal(server.asked.udp, 1);
});

test("Forwarder: an answer that is cut is asked for again over TCP", async (t) => {
  const server = await startServer(t, (question, protocol) =>
    protocol === "udp" ? { flags: dnsPacket.TRUNCATED_RESPONSE } : address("192.0.2.2")(question, protocol),
  );
  const { ask } = createForwarder(t, [server]);
  assert.equal(addressIn(await ask("example.com")), "192.0.2.2");
  assert.deepEqual(server.asked, { udp: 1, tcp: 1 });
});

test("Forwarder: a server that is not there or refuses is passed over, and asked last from then on", async (t) => {
  const dead = await closedServer(t);
  const failing = await startServer(t, () => ({ flags: 2 }));
  const good = await startServer(t, address("192.0.2.3", 0));
  const { ask } = createForwarder(t, [dead, failing, good]);
  assert.equal(addressIn(await ask("example.com")), "192.0.2.3");
  assert.equal(addressIn(await ask("example.org")), "192.0.2.3");
  assert.equal(failing.asked.udp, 2);
});

test("Forwarder: a silent server is given up", async (t) => {
  const silent = await startServer(t, () => undefined);
  const { ask } = createForwarder(t, [silent]);
  assert.equal(await ask("example.com"), undefined);
  assert.equal(silent.asked.udp, 2);
});

test("Forwarder: nobody to ask", async (t) => {
  const { ask } = createForwarder(t, []);
  assert.equal(await ask("example.com"), undefined);
});

test("Forwarder: where all refuse, the refusal is the answer, and is not kept", async (t) => {
  const server = await startServer(t, () => ({ flags: 5 }));
  const { ask } = createForwarder(t, [server]);
  assert.equal((await ask("example.com"))!.layout.flags & 15, 5);
  await ask("example.com");
  assert.equal(server.asked.udp, 4);
});

test("Forwarder: answers to something else are not listened to", async (t) => {
  const server = await startServer(t, (question) => ({
    ...address("192.0.2.66")(question, "udp"),
    questions: [{ type: "A", name: "other.example" }],
  }));
  const { ask } = createForwarder(t, [server]);
  assert.equal(await ask("example.com"), undefined);
});

test("Forwarder: denials are kept as their SOA record says", async (t) => {
  const soa = { mname: "ns", rname: "host", serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 7 };
  const server = await startServer(t, () => ({
    flags: 3,
    authorities: [{ type: "SOA", name: "example.com", ttl: 100, data: soa }],
  }));
  const { ask, clock } = createForwarder(t, [server]);
  await ask("none.example.com");
  await clock.advance(6000);
  assert.equal((await ask("none.example.com"))!.layout.flags & 15, 3);
  assert.equal(server.asked.udp, 1);
  await clock.advance(1000);
  await ask("none.example.com");
  assert.equal(server.asked.udp, 2);
});

test("Forwarder: stop ends what is under way", async (t) => {
  const silent = await startServer(t, () => undefined);
  const { ask, forwarder } = createForwarder(t, [silent]);
  const pending = ask("example.com");
  await forwarder.stop();
  assert.equal(await pending, undefined);
  assert.equal(await ask("example.org"), undefined);
});
