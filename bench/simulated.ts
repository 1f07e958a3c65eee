// Simulated clusters in one process: Deployments whose pods are created, bound and Running, how long that takes and what memory it
// costs; then how much of a processor the cluster uses when nothing happens.
//   node bench/simulated.ts [nodes] [pods] [deployments]     default: 100 3000 1
//   node --max-old-space-size=8192 --expose-gc bench/simulated.ts 5000 150000 50

import { type Cluster, startCluster } from "#controlplane";
import { type Pod, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";

const [nodes = 100, pods = 3000, deployments = 1] = process.argv.slice(2).map(Number);
const idleMs = 10_000;

const report = (what: string, value: string) => console.log(`${what.padEnd(44)} ${value}`);
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

async function timed<T>(action: () => Promise<T>): Promise<[ms: number, cpuMs: number, result: T]> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const result = await action();
  const { user, system } = process.cpuUsage(cpu);
  return [performance.now() - start, (user + system) / 1000, result];
}

function memory(): string {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  return `${mebibytes(rss)} resident, ${mebibytes(heapUsed)} heap, ${mebibytes(external)} outside of it`;
}

function deployment(name: string, replicas: number) {
  const labels = { app: name };
  const container = {
    name: "app",
    image: "registry.example/app:1",
    resources: { requests: { cpu: "50m", memory: "64Mi" } },
  };
  return {
    metadata: { namespace: "default", name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
}

/** Resolves when so many pods run, with the time at which the first and the last were bound. */
async function awaitRunning(client: Client, count: number, progress: (running: number) => void): Promise<number> {
  const running = new Set<string>();
  const bound = new Set<string>();
  let boundAt = 0;
  const note = ({ metadata: { uid = "" }, spec, status }: Pod) => {
    if (spec?.nodeName && bound.size < count && bound.add(uid).size === count) boundAt = performance.now();
    if (status?.phase === "Running") running.add(uid);
  };
  const watch = client.watch(resources.pods, { resourceVersion: "0" });
  for await (const events of watch) {
    for (const { type, object } of events) if (type === "ADDED" || type === "MODIFIED") note(object);
    progress(running.size);
    if (running.size >= count) break;
  }
  return boundAt;
}

async function run(cluster: Cluster): Promise<void> {
  const { client } = cluster;
  const start = performance.now();
  let told = start;
  const progress = (running: number) => {
    if (performance.now() - told < 10_000) return;
    told = performance.now();
    report(`  after ${seconds(told - start)}`, `${running} pods run; ${memory()}`);
  };
  const [ms, cpuMs, boundAt] = await timed(async () => {
    const all = awaitRunning(client, pods, progress);
    const each = Math.floor(pods / deployments);
    for (let index = 0; index < deployments; index++) {
      const replicas = index === 0 ? pods - each * (deployments - 1) : each;
      await client.create(resources.deployments, deployment(`app-${index}`, replicas));
    }
    return all;
  });
  report(`${pods} pods bound`, `${seconds(boundAt - start)}, ${Math.round((pods * 1000) / (boundAt - start))} pods/s`);
  report(`${pods} pods Running`, `${seconds(ms)}, ${Math.round((pods * 1000) / ms)} pods/s, ${seconds(cpuMs)} of CPU`);
  report("memory after that", memory());
}

const [readyMs, , cluster] = await timed(() => startCluster());
report("API ready in process", seconds(readyMs));
const [nodesMs] = await timed(() =>
  cluster.addNodes(Array.from({ length: nodes }, (_, index) => ({ name: `node-${index + 1}` }))),
);
report(`${nodes} nodes registered`, seconds(nodesMs));
await run(cluster);
await new Promise((resolve) => setTimeout(resolve, 5000));
const [idle, idleCpu] = await timed(() => new Promise((resolve) => setTimeout(resolve, idleMs)));
report("processor while nothing happens", `${((100 * idleCpu) / idle).toFixed(1)} %`);
const [stopMs] = await timed(() => cluster.stop());
report("stopped", seconds(stopMs));
