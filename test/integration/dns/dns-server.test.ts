import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import dnsPacket, { type RecordType } from "dns-packet";
import { type EndpointSlice, resources } from "#kubernetes/api";
import { createInformerSet } from "#kubernetes/client";
import { createDnsServer } from "#kubernetes/dns";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";

const namespace = "default";
const address = "127.0.0.1";

async function startScene(t: TestContext) {
  const cluster = await startTestCluster();
  const informers = createInformerSet(cluster.client);
  const server = createDnsServer({
    nodeName: "a",
    informers,
    client: cluster.client,
    domain: "cluster.local",
    listen: { host: address, port: 0 },
    resolverFile: "/nowhere/resolv.conf",
    advertisedAddress: "10.90.0.2",
  });
  t.after(async () => {
    await server.stop();
    await informers.stop();
    await cluster[Symbol.asyncDispose]();
  });
  await server.start();
  const ask = (name: string, type: RecordType = "A") => askUdp(server.port, name, type);
  return { cluster, informers, server, ask };
}

function encode(name: string, type: RecordType): Buffer {
  return dnsPacket.encode({ type: "query", id: 1, questions: [{ type, name }] });
}

/** The data of the answers; without answers, the code. */
function summarize(bytes: Buffer): string {
  const { answers = [], ...head } = dnsPacket.decode(bytes) as dnsPacket.DecodedPacket & { rcode: string };
  return answers.length > 0
    ? answers.map((answer) => String((answer as { data: unknown }).data)).join(" ")
    : head.rcode;
}

async function askUdp(port: number, name: string, type: RecordType): Promise<string> {
  const socket = createSocket("udp4");
  try {
    return await new Promise((resolve) => {
      socket.once("message", (bytes) => resolve(summarize(bytes)));
      socket.send(encode(name, type), port, address);
    });
  } finally {
    socket.close();
  }
}

/** Several questions over one connection. */
async function askTcp(port: number, names: readonly string[]): Promise<string[]> {
  const socket = connect(port, address);
  try {
    const answers: string[] = [];
    socket.write(
      Buffer.concat(
        names.map((name) => dnsPacket.streamEncode({ type: "query", id: 1, questions: [{ type: "A", name }] })),
      ),
    );
    let received = Buffer.alloc(0);
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk]);
      while (received.length > 2 && received.length >= received.readUInt16BE(0) + 2) {
        const end = received.readUInt16BE(0) + 2;
        answers.push(summarize(received.subarray(2, end)));
        received = received.subarray(end);
      }
      if (answers.length === names.length) break;
    }
    return answers;
  } finally {
    socket.destroy();
  }
}

test("createDnsServer: denies nothing before all names are known, then follows the cluster", async (t) => {
  const { cluster, informers, server, ask } = await startScene(t);
  assert.equal(await ask("none.default.svc.cluster.local"), "SERVFAIL");
  informers.start();
  await server.synced();
  assert.equal(await ask("none.default.svc.cluster.local"), "NXDOMAIN");
  const service = await cluster.client.create(resources.services, {
    metadata: { namespace, name: "web" },
    spec: { ports: [{ port: 80, protocol: "TCP" }] },
  });
  await informers.informer(resources.services).reached(service.metadata.resourceVersion);
  assert.equal(await ask("web.default.svc.cluster.local"), service.spec?.clusterIP);
  assert.equal(await ask("example.com"), "SERVFAIL");
  const names = ["web.default.svc.cluster.local", "kubernetes.default.svc.cluster.local", "x.cluster.local"];
  const [first, , last] = await askTcp(server.port, names);
  assert.deepEqual([first, last], [service.spec?.clusterIP, "NXDOMAIN"]);
});

test("createDnsServer: the node's slice is there while the node is, and comes back when somebody deletes it", async (t) => {
  const { cluster, informers, server } = await startScene(t);
  informers.start();
  await server.synced();
  const ours = (slices: readonly EndpointSlice[]) => slices.find(({ metadata }) => metadata.name === "kube-dns-a");
  const node = await cluster.client.create(resources.nodes, { metadata: { name: "a" } });
  const slice = ours(await cluster.until(resources.endpointSlices, ours))!;
  assert.equal(slice.metadata.ownerReferences?.[0]?.uid, node.metadata.uid);
  assert.equal(slice.metadata.labels?.["kubernetes.io/service-name"], "kube-dns");
  assert.deepEqual(
    slice.ports?.map(({ name, port, protocol }) => [name, port, protocol]),
    [
      ["dns", server.port, "UDP"],
      ["dns-tcp", server.port, "TCP"],
    ],
  );
  assert.deepEqual(slice.endpoints?.[0]?.addresses, ["10.90.0.2"]);
  await cluster.client.delete(resources.endpointSlices, { namespace: "kube-system", name: "kube-dns-a" });
  await cluster.until(resources.endpointSlices, (slices) => {
    const again = ours(slices);
    return again && again.metadata.uid !== slice.metadata.uid;
  });
});
