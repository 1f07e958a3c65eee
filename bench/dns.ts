// Names of services answered per second over UDP, by a server in a process of its own.
// Usage: node bench/dns.ts [services, default 1000] [seconds, default 3]

import { fork } from "node:child_process";
import { createSocket } from "node:dgram";
import { resources } from "#kubernetes/api";
import { createInformerSet } from "#kubernetes/client";
import { createDnsServer } from "#kubernetes/dns";
import { createMemoryApi } from "../test/support/memory-api.ts";

const inFlight = 64;

function nameOf(index: number): string {
  return `service-${index}.default.svc.cluster.local`;
}

/** An A question, with EDNS, as resolvers send them. */
function question(name: string): Buffer {
  const labels = name.split(".").map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
  const head = Buffer.from("000101000001000000000001", "hex");
  return Buffer.concat([
    head,
    ...labels,
    Buffer.from("0000010001", "hex"),
    Buffer.from("00002904d0000000000000", "hex"),
  ]);
}

async function serve(count: number): Promise<void> {
  const api = createMemoryApi();
  api.put(resources.namespaces, { metadata: { name: "default" } });
  for (let index = 0; index < count; index++) {
    const clusterIP = `10.96.${index >> 8}.${index & 255}`;
    api.put(resources.services, {
      metadata: { namespace: "default", name: `service-${index}` },
      spec: { clusterIP, clusterIPs: [clusterIP], ports: [{ port: 80, protocol: "TCP" }] },
    });
  }
  const informers = createInformerSet(api.client);
  const server = createDnsServer({
    nodeName: "bench",
    informers,
    client: api.client,
    domain: "cluster.local",
    listen: { host: "127.0.0.1", port: 0 },
  });
  informers.start();
  await server.start();
  await server.synced();
  process.send!(server.port);
  process.on("message", () => process.send!(cpuSeconds()));
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Keeps so many questions under way, and asks the next when one is answered. */
function ask(port: number, count: number, seconds: number): Promise<number> {
  const questions = Array.from({ length: count }, (_, index) => question(nameOf(index)));
  const socket = createSocket({ type: "udp4", recvBufferSize: 1 << 20 });
  let answered = 0;
  const send = () => socket.send(questions[answered % count]!, port, "127.0.0.1");
  return new Promise((resolve) => {
    socket.on("message", () => {
      answered++;
      send();
    });
    socket.bind(0, () => {
      for (let n = 0; n < inFlight; n++) send();
    });
    setTimeout(() => {
      socket.close();
      resolve(answered / seconds);
    }, seconds * 1000);
  });
}

const [count = 1000, seconds = 3] = process.argv.slice(2).map(Number);
if (process.send) {
  await serve(count);
} else {
  const server = fork(import.meta.filename, [String(count)]);
  const said = () => new Promise<number>((resolve) => server.once("message", (message) => resolve(Number(message))));
  const usedSoFar = () => {
    server.send("cpu");
    return said();
  };
  const port = await said();
  const before = await usedSoFar();
  const rate = await ask(port, count, seconds);
  const perCpuSecond = (rate * seconds) / ((await usedSoFar()) - before);
  console.log(
    `${Math.round(rate)} answers/s over UDP, ${count} services; ${Math.round(perCpuSecond)} per second of the server's CPU time`,
  );
  server.kill();
}
