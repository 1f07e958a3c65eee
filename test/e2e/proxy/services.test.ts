// Services through real sockets: two machines, pods behind them, rules made by the service proxy of the first machine.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Endpoint, type EndpointSlice, resources, type Service } from "#kubernetes/api";
import { createInformerSet, type InformerSet } from "#kubernetes/client";
import { createProxy, type ServiceProxy } from "#kubernetes/proxy";
import { exec } from "#shared";
import { createMemoryApi, type MemoryApi } from "../../support/memory-api.ts";
import type { Peer } from "../../support/network/peer.ts";
import {
  cannotMakeNetworks,
  createTestNetwork,
  isInstalled,
  type TestMachine,
  type TestNetwork,
  type TestPod,
} from "../../support/network/test-network.ts";

const skip = cannotMakeNetworks() ?? false;

describe("service proxy", { skip, timeout: 90_000 }, () => {
  let network: TestNetwork;
  let api: MemoryApi;
  let informers: InformerSet;
  let proxy: ServiceProxy;
  let m1: TestMachine;
  let m2: TestMachine;
  let near: TestPod;
  let other: TestPod;
  let far: TestPod;
  let node: Peer;

  before(async () => {
    network = await createTestNetwork(1);
    m1 = await network.addMachine("m1");
    near = await network.addPod(m1, "10.244.2.5");
    other = await network.addPod(m1, "10.244.2.6");
    m2 = await network.addMachine("m2");
    far = await network.addPod(m2, m2.podCIDR.replace("0/24", "5"));
    await m1.exec(["ip", "route", "add", m2.podCIDR, "via", m2.address]);
    await m2.exec(["ip", "route", "add", m1.podCIDR, "via", m1.address]);
    node = await network.peerIn(m1);
    for (const [name, pod] of Object.entries({ near, other, far })) {
      await pod.peer.listen({ port: 8080, name });
      await pod.peer.listen({ port: 5353, name, protocol: "udp" });
    }
    api = createMemoryApi();
    const addresses = [{ type: "InternalIP", address: m1.address }];
    const labels = { "topology.kubernetes.io/zone": "a" };
    api.put(resources.nodes, { metadata: { name: "m1", labels }, status: { addresses } });
    api.put(resources.serviceCIDRs, { metadata: { name: "kubernetes" }, spec: { cidrs: ["10.96.0.0/16"] } });
    await startProxy();
  });

  after(async () => {
    await proxy?.stop();
    await informers?.stop();
    await network?.close();
  });

  async function startProxy(): Promise<void> {
    informers = createInformerSet(api.client);
    informers.start();
    proxy = createProxy({ nodeName: "m1", informers, clusterCIDRs: ["10.244.0.0/16"], exec: m1.exec });
    await proxy.start();
  }

  /** Puts a service with endpoints at these pods, and waits until the rules are in the kernel. */
  async function serve(name: string, spec: Service["spec"], endpoints: readonly Endpoint[]): Promise<void> {
    putService(name, spec);
    putEndpoints(name, endpoints);
    await settled();
  }

  function putService(name: string, spec: Service["spec"] = {}): void {
    const { clusterIP = "" } = spec;
    const ports = spec.ports ?? [{ name: "web", port: 80, protocol: "TCP" }];
    const full = { type: "ClusterIP", clusterIPs: [clusterIP], ipFamilies: ["IPv4"], ...spec, ports };
    api.put(resources.services, { metadata: { namespace: "default", name }, spec: full });
  }

  function putEndpoints(name: string, endpoints: readonly Endpoint[]): void {
    const slice: EndpointSlice = {
      metadata: { namespace: "default", name: `${name}-1`, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      ports: [
        { name: "web", port: 8080, protocol: "TCP" },
        { name: "dns", port: 5353, protocol: "UDP" },
      ],
      endpoints: [...endpoints],
    };
    api.put(resources.endpointSlices, slice);
  }

  const at = (pod: TestPod, more: Partial<Endpoint> = {}): Endpoint => ({
    addresses: [pod.address],
    nodeName: pod === far ? "m2" : "m1",
    conditions: { ready: true, serving: true, terminating: false },
    ...more,
  });

  /** A marker service whose rule is written after all changes before it. */
  let markers = 0;
  async function settled(): Promise<void> {
    const clusterIP = `10.96.255.${++markers}`;
    putService("marker", { clusterIP });
    for (let attempt = 0; attempt < 500; attempt++) {
      const { code } = await m1.exec(
        ["nft", "get", "element", "ip", "slipway-proxy", "cluster-ips", `{ ${clusterIP} }`],
        { okCodes: [0, 1] },
      );
      if (code === 0) return;
    }
    throw new Error(`the rules did not come: ${proxy.problem}`);
  }

  const whoAnswers = async (from: Peer, address: string, { port = 80, times = 24 } = {}): Promise<Set<string>> => {
    const answers = await Promise.all(Array.from({ length: times }, () => from.connect({ address, port })));
    return new Set(answers.map((answer) => answer.split(" ")[0]!));
  };

  test("a cluster address leads to every endpoint, from pods and from the node", async () => {
    await serve("web", { clusterIP: "10.96.0.10" }, [at(near), at(far)]);
    assert.deepEqual(await whoAnswers(other.peer, "10.96.0.10"), new Set(["near", "far"]));
    assert.deepEqual(await whoAnswers(node, "10.96.0.10"), new Set(["near", "far"]));
    assert.equal(
      await other.peer.connect({ address: "10.96.0.10", port: 80 }).then((it) => it.split(" ")[1]),
      other.address,
    );
  });

  test("a pod reaches itself through its service", async () => {
    await serve("self", { clusterIP: "10.96.0.11" }, [at(near)]);
    assert.deepEqual(await whoAnswers(near.peer, "10.96.0.11", { times: 3 }), new Set(["near"]));
  });

  test("changes of endpoints are followed", async () => {
    await serve("moving", { clusterIP: "10.96.0.12" }, [at(near)]);
    assert.deepEqual(await whoAnswers(other.peer, "10.96.0.12"), new Set(["near"]));
    putEndpoints("moving", [at(far), at(other)]);
    await settled();
    assert.deepEqual(await whoAnswers(near.peer, "10.96.0.12"), new Set(["far", "other"]));
    putEndpoints("moving", [at(far)]);
    await settled();
    assert.deepEqual(await whoAnswers(near.peer, "10.96.0.12"), new Set(["far"]));
  });

  test("without endpoints clients are refused; so they are at a port the service lacks; what is not given out is silent", async () => {
    await serve("empty", { clusterIP: "10.96.0.13" }, []);
    assert.equal(await other.peer.connect({ address: "10.96.0.13", port: 80 }), "refused");
    assert.equal(await node.connect({ address: "10.96.0.13", port: 80 }), "refused");
    assert.equal(await other.peer.connect({ address: "10.96.0.13", port: 81 }), "refused");
    assert.equal(await other.peer.connect({ address: "10.96.77.77", port: 80, timeoutMs: 300 }), "timeout");
    putEndpoints("empty", [at(far)]);
    await settled();
    assert.deepEqual(await whoAnswers(other.peer, "10.96.0.13", { times: 3 }), new Set(["far"]));
    api.remove(resources.services, { namespace: "default", name: "empty" });
    await settled();
    assert.equal(await other.peer.connect({ address: "10.96.0.13", port: 80, timeoutMs: 300 }), "timeout");
  });

  test("node ports lead to every endpoint from the host, other machines and pods", async () => {
    const ports = [{ name: "web", port: 80, protocol: "TCP", nodePort: 30080 }];
    await serve("ported", { clusterIP: "10.96.0.14", type: "NodePort", ports }, [at(near), at(far)]);
    const host = { connect: async (options: { address: string; port: number }) => await hostConnect(options) };
    const answers = new Set<string>();
    for (let n = 0; n < 16; n++) answers.add((await host.connect({ address: m1.address, port: 30080 })).split(" ")[0]!);
    assert.deepEqual(answers, new Set(["near", "far"]));
    assert.deepEqual(await whoAnswers(other.peer, m1.address, { port: 30080 }), new Set(["near", "far"]));
    assert.deepEqual(await whoAnswers(far.peer, m1.address, { port: 30080 }), new Set(["near", "far"]));
    assert.deepEqual(await whoAnswers(node, m1.address, { port: 30080 }), new Set(["near", "far"]));
  });

  async function hostConnect({ address, port }: { address: string; port: number }): Promise<string> {
    const { connect } = await import("node:net");
    return new Promise((resolve, reject) => {
      const socket = connect({ host: address, port });
      socket.once("data", (data) => {
        socket.destroy();
        resolve(String(data));
      });
      socket.once("error", reject);
    });
  }

  test("externalTrafficPolicy Local: only endpoints of the node, and the client's own address; pods may go anywhere", async () => {
    const ports = [{ name: "web", port: 80, protocol: "TCP", nodePort: 30081 }];
    const spec = { clusterIP: "10.96.0.15", type: "NodePort", externalTrafficPolicy: "Local", ports };
    await serve("local", spec, [at(near), at(far)]);
    for (let n = 0; n < 8; n++) {
      assert.equal(await hostConnect({ address: m1.address, port: 30081 }), `near ${network.gateway}`);
    }
    assert.deepEqual(await whoAnswers(other.peer, m1.address, { port: 30081 }), new Set(["near", "far"]));
    assert.deepEqual(await whoAnswers(node, m1.address, { port: 30081 }), new Set(["near", "far"]));
    putEndpoints("local", [at(far)]);
    await settled();
    const outside = await network.addMachine("outside");
    const client = await network.peerIn(outside);
    assert.equal(await client.connect({ address: m1.address, port: 30081, timeoutMs: 300 }), "timeout");
    assert.deepEqual(await whoAnswers(other.peer, m1.address, { port: 30081, times: 3 }), new Set(["far"]));
  });

  test("internalTrafficPolicy Local: only endpoints of the node", async () => {
    const spec = { clusterIP: "10.96.0.16", internalTrafficPolicy: "Local" };
    await serve("inside", spec, [at(near), at(far)]);
    assert.deepEqual(await whoAnswers(other.peer, "10.96.0.16"), new Set(["near"]));
    putEndpoints("inside", [at(far)]);
    await settled();
    assert.equal(await other.peer.connect({ address: "10.96.0.16", port: 80, timeoutMs: 300 }), "timeout");
  });

  test("external addresses and load balancers' addresses, the latter only for those who may", async () => {
    const spec = {
      clusterIP: "10.96.0.17",
      type: "LoadBalancer",
      externalIPs: ["203.0.113.7"],
      loadBalancerSourceRanges: [`${other.address}/32`],
    };
    api.put(resources.services, {
      metadata: { namespace: "default", name: "balanced" },
      spec: {
        ...spec,
        clusterIPs: ["10.96.0.17"],
        ipFamilies: ["IPv4"],
        ports: [{ name: "web", port: 80, protocol: "TCP" }],
      },
      status: { loadBalancer: { ingress: [{ ip: "203.0.113.8" }] } },
    });
    putEndpoints("balanced", [at(far)]);
    await settled();
    assert.deepEqual(await whoAnswers(other.peer, "203.0.113.7", { times: 3 }), new Set(["far"]));
    assert.deepEqual(await whoAnswers(other.peer, "203.0.113.8", { times: 3 }), new Set(["far"]));
    assert.equal(await near.peer.connect({ address: "203.0.113.8", port: 80, timeoutMs: 300 }), "timeout");
  });

  test("session affinity: a client stays with its endpoint, also when the proxy starts anew, until the time is over", async () => {
    const spec = {
      clusterIP: "10.96.0.18",
      sessionAffinity: "ClientIP",
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 100 } },
    };
    await serve("sticky", spec, [at(near), at(far)]);
    const first = await whoAnswers(other.peer, "10.96.0.18");
    assert.equal(first.size, 1);
    await proxy.stop({ keep: true });
    await informers.stop();
    await startProxy();
    assert.deepEqual(await whoAnswers(other.peer, "10.96.0.18"), first);
    putService("sticky", { ...spec, sessionAffinityConfig: { clientIP: { timeoutSeconds: 1 } } });
    await settled();
    const seen = new Set<string>();
    for (const until = Date.now() + 20_000; seen.size < 2 && Date.now() < until; ) {
      for (const who of await whoAnswers(node, "10.96.0.18", { times: 2 })) seen.add(who);
      await new Promise((resolve) => setTimeout(resolve, 1100));
    }
    assert.equal(seen.size, 2);
    putService("sticky", { clusterIP: "10.96.0.18" });
    await settled();
    assert.equal((await whoAnswers(other.peer, "10.96.0.18")).size, 2);
  });

  test("hints: endpoints meant for this zone", async () => {
    const hinted = (pod: TestPod, zone: string) => at(pod, { hints: { forZones: [{ name: zone }] } });
    await serve("zoned", { clusterIP: "10.96.0.19" }, [hinted(near, "a"), hinted(far, "b")]);
    assert.deepEqual(await whoAnswers(other.peer, "10.96.0.19"), new Set(["near"]));
    const labels = { "topology.kubernetes.io/zone": "b" };
    const addresses = [{ type: "InternalIP", address: m1.address }];
    api.put(resources.nodes, { metadata: { name: "m1", labels }, status: { addresses } });
    await settled();
    assert.deepEqual(await whoAnswers(other.peer, "10.96.0.19"), new Set(["far"]));
  });

  test("UDP: a flow whose endpoint has gone is led to another one", { skip: !isInstalled("conntrack") }, async () => {
    const ports = [{ name: "dns", port: 53, protocol: "UDP" }];
    await serve("names", { clusterIP: "10.96.0.20", ports }, [at(near)]);
    const ask = () => other.peer.send({ address: "10.96.0.20", port: 53, from: 7777 });
    assert.equal(await ask(), `near ${other.address}`);
    putEndpoints("names", [at(far)]);
    await settled();
    let answer = await ask();
    for (const until = Date.now() + 5000; !answer.startsWith("far") && Date.now() < until; ) answer = await ask();
    assert.equal(answer, `far ${other.address}`);
  });

  test("a table somebody took away is made anew with the next change", async () => {
    await serve("again", { clusterIP: "10.96.0.21" }, [at(near)]);
    await m1.exec(["nft", "delete", "table", "ip", "slipway-proxy"]);
    putEndpoints("again", [at(far)]);
    await settled();
    assert.deepEqual(await whoAnswers(other.peer, "10.96.0.21", { times: 3 }), new Set(["far"]));
    assert.equal(proxy.problem, undefined);
  });

  test("stop: nothing is left", async () => {
    await proxy.stop();
    assert.equal((await m1.exec(["nft", "list", "tables"])).stdout.trim(), "");
    assert.deepEqual((await exec(["ip", "netns", "list"])).stdout.includes(m1.namespace), true);
  });
});
