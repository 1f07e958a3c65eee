// How fast the service proxy brings services into the kernel: `node bench/proxy.ts [--services 10000] [--endpoints 10] [--upstream
// PATH-OF-KUBE-PROXY]`. As root, in a network namespace of its own. With --upstream the same is done by kube-proxy in nftables mode,
// against the same objects. Times are from a change in the API to the transaction's commit, as `nft monitor` tells of it.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { type EndpointSlice, resources, type Service } from "#kubernetes/api";
import { createInformerSet } from "#kubernetes/client";
import { createProxy } from "#kubernetes/proxy";
import { type Exec, exec, removeIfExists } from "#shared";
import { createMemoryApi, type MemoryApi } from "../test/support/memory-api.ts";

const { values } = parseArgs({
  options: {
    services: { type: "string", default: "10000" },
    endpoints: { type: "string", default: "10" },
    upstream: { type: "string" },
  },
});
const serviceCount = Number(values.services);
const endpointCount = Number(values.endpoints);
const namespace = `slipway-bench-${process.pid}`;
const updates = 30;
/** No commit for so long: all is done. */
const quietMs = 400;

const run: Exec = (argv, options) => exec(["ip", "netns", "exec", namespace, ...argv], options);

console.log(`${serviceCount} services, ${serviceCount * endpointCount} endpoints`);
await measure("slipway", startOurs);
if (values.upstream) await measure("kube-proxy", startUpstream);

type Start = (api: MemoryApi) => Promise<() => Promise<void>>;

async function measure(name: string, start: Start): Promise<void> {
  await exec(["ip", "netns", "add", namespace]);
  await run(["ip", "link", "set", "lo", "up"]);
  const api = createMemoryApi();
  fill(api);
  const monitor = await watchCommits();
  try {
    const startedAt = performance.now();
    const first = monitor.settled();
    const stop = await start(api);
    const initial = (await first) - startedAt;
    const one = await changeMany(api, monitor, 1);
    const many = await changeMany(api, monitor, 100);
    console.log(
      [
        `${name.padEnd(12)} initial ${(initial / 1000).toFixed(2)} s`,
        `one slice: median ${median(one).toFixed(1)} ms, worst ${Math.max(...one).toFixed(1)} ms`,
        `100 slices at once: median ${median(many).toFixed(1)} ms`,
      ].join("; "),
    );
    await stop();
  } finally {
    monitor.stop();
    await exec(["ip", "netns", "del", namespace]);
  }
}

function fill(api: MemoryApi): void {
  api.put(resources.nodes, {
    metadata: { name: "n1" },
    status: { addresses: [{ type: "InternalIP", address: "127.0.0.1" }] },
  });
  for (let index = 0; index < serviceCount; index++) {
    api.put(resources.services, serviceAt(index));
    api.put(resources.endpointSlices, sliceAt(index, 0));
  }
}

/** Moves one endpoint of so many services, again and again; how long each took to reach the kernel. */
async function changeMany(api: MemoryApi, monitor: CommitMonitor, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let round = 1; round <= updates; round++) {
    const committed = monitor.settled();
    const startedAt = performance.now();
    for (let n = 0; n < count; n++) {
      const index = (round * 131 + n * 7) % serviceCount;
      api.put(resources.endpointSlices, sliceAt(index, round + count * 1000));
    }
    times.push((await committed) - startedAt);
  }
  return times;
}

function serviceAt(index: number): Service {
  const clusterIP = `10.${96 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
  return {
    metadata: { namespace: "default", name: `service-${index}`, labels: {} },
    spec: {
      type: "ClusterIP",
      clusterIP,
      clusterIPs: [clusterIP],
      ipFamilies: ["IPv4"],
      internalTrafficPolicy: "Cluster",
      sessionAffinity: "None",
      ports: [{ name: "http", port: 80, protocol: "TCP", targetPort: 8080 }],
    },
  };
}

/** The service's endpoints; the last one's port tells the version, so that every version differs. */
function sliceAt(index: number, version: number): EndpointSlice {
  const service = `service-${index}`;
  return {
    metadata: { namespace: "default", name: `${service}-1`, labels: { "kubernetes.io/service-name": service } },
    addressType: "IPv4",
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
    endpoints: Array.from({ length: endpointCount }, (_, n) => {
      const number = index * endpointCount + (n === endpointCount - 1 ? n + version * 65_536 : n);
      const address = `10.${128 + ((number >> 16) & 127)}.${(number >> 8) & 255}.${number & 255}`;
      return { addresses: [address], nodeName: "n2", conditions: { ready: true, serving: true, terminating: false } };
    }),
  };
}

async function startOurs(api: MemoryApi): Promise<() => Promise<void>> {
  const informers = createInformerSet(api.client);
  informers.start();
  const proxy = createProxy({ nodeName: "n1", informers, clusterCIDRs: ["10.128.0.0/9"], exec: run });
  await proxy.start();
  return async () => {
    await proxy.stop();
    await informers.stop();
  };
}

/** kube-proxy in the namespace, reading over a socket there the objects that ours reads in this process. */
async function startUpstream(api: MemoryApi): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-bench-proxy-"));
  const [inside, outside] = ["10.255.255.2", "10.255.255.1"];
  const cable = `sbp${process.pid % 100_000}`;
  await exec(["ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", namespace]);
  await exec(["ip", "addr", "add", `${outside}/30`, "dev", cable]);
  await exec(["ip", "link", "set", cable, "up"]);
  await run(["ip", "addr", "add", `${inside}/30`, "dev", "eth0"]);
  await run(["ip", "link", "set", "eth0", "up"]);
  const { server, port } = await serve(api, outside);
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: { server: `http://${outside}:${port}` } }],
      contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
      users: [{ name: "c", user: {} }],
      "current-context": "c",
    }),
  );
  const config = join(folder, "config.json");
  writeFileSync(
    config,
    JSON.stringify({
      apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
      kind: "KubeProxyConfiguration",
      mode: "nftables",
      hostnameOverride: "n1",
      clusterCIDR: "10.128.0.0/9",
      clientConnection: { kubeconfig, contentType: "application/json", acceptContentTypes: "application/json" },
      healthzBindAddress: "127.0.0.1:10256",
      metricsBindAddress: "127.0.0.1:10249",
      nftables: { minSyncPeriod: "1ms" },
      conntrack: { maxPerCore: 0 },
    }),
  );
  const child = spawn("ip", ["netns", "exec", namespace, values.upstream!, "--config", config], {
    stdio: ["ignore", "ignore", process.env["BENCH_VERBOSE"] ? "inherit" : "ignore"],
  });
  return async () => {
    await ended(child);
    server.closeAllConnections();
    server.close();
    await removeIfExists(folder);
  };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}

/** Lists and watches of the objects over HTTP. */
async function serve(api: MemoryApi, host: string) {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const abort = new AbortController();
    response.on("close", () => abort.abort());
    if (request.method !== "GET") return void response.writeHead(201, { "content-type": "application/json" }).end("{}");
    try {
      const path = pathname.replace(/\/nodes\/n1$/, "/nodes");
      const answer = await api.client.raw({ method: "GET", path, query: searchParams, signal: abort.signal });
      response.writeHead(200, { "content-type": "application/json" });
      if (answer.kind !== "watch")
        return void response.end(JSON.stringify(answer.kind === "object" ? answer.object : {}));
      for await (const events of answer.events) {
        response.write(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
      }
      response.end();
    } catch (error) {
      const { code = 500, message } = error as { code?: number; message: string };
      response.writeHead(code, { "content-type": "application/json" });
      response.end(JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", message, code }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

interface CommitMonitor {
  /** When the next commit came that no other followed for a while (performance.now()). */
  settled(): Promise<number>;
  stop(): void;
}

async function watchCommits(): Promise<CommitMonitor> {
  const child = spawn("ip", ["netns", "exec", namespace, "stdbuf", "-oL", "nft", "monitor", "new", "tables"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let seen = () => {};
  let last = 0;
  createInterface({ input: child.stdout }).on("line", (line) => {
    last = performance.now();
    if (line.startsWith("# new generation")) seen();
  });
  // It tells nobody when it has begun to listen.
  while (last === 0)
    await run(["nft", "add", "table", "ip", "probe"]).then(() => run(["nft", "delete", "table", "ip", "probe"]));
  return {
    settled: () =>
      new Promise((resolve) => {
        let at = 0;
        let timer: NodeJS.Timeout | undefined;
        seen = () => {
          at = performance.now();
          clearTimeout(timer);
          const check = () => {
            if (performance.now() - last < quietMs) timer = setTimeout(check, quietMs);
            else resolve(at);
          };
          timer = setTimeout(check, quietMs);
        };
      }),
    stop: () => child.kill("SIGKILL"),
  };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}
