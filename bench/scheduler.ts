// How many pods a second are placed, from the first POST to the last binding seen, through the real API server in this process with
// its durable store. The rows of upstream's scheduler_perf, at 5,000 nodes, and a Deployment of 3,000 pods on 100 nodes:
// `node bench/scheduler.ts [part of a row's name]`.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ControlPlane, startControlPlane } from "#controlplane";
import { type Affinity, type Pod, type PodSpec, resources } from "#kubernetes/api";
import { type Client, createInformerSet, type InformerSet } from "#kubernetes/client";
import { openEmbeddedStore } from "#kubernetes/store";

interface Row {
  readonly name: string;
  readonly nodes: number;
  /** Pods that are there before the measuring begins. */
  readonly before: number;
  readonly measured: number;
  /** Upstream's own threshold for this row, in pods a second. */
  readonly upstream: number;
  readonly zones?: readonly string[];
  readonly podBefore?: Shape;
  readonly pod: Shape;
}

interface Shape {
  readonly labels?: Record<string, string>;
  readonly spec?: Partial<PodSpec>;
}

const namespaces = ["sched-0", "sched-1"] as const;
const zone = "topology.kubernetes.io/zone";
const hostname = "kubernetes.io/hostname";

const plain: Shape = {};
const term = (color: string, topologyKey: string) => ({
  labelSelector: { matchLabels: { color } },
  topologyKey,
  namespaces: [...namespaces],
});
const colored = (color: string, affinity: Affinity): Shape => ({ labels: { color }, spec: { affinity } });
const antiAffinity = colored("green", {
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term("green", hostname)] },
});
const affinity = colored("blue", {
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term("blue", zone)] },
});
const preferredAffinity = colored("red", {
  podAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term("red", hostname) }],
  },
});
const preferredAntiAffinity = colored("yellow", {
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term("yellow", hostname) }],
  },
});
const nodeAffinity: Shape = {
  spec: {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: zone, operator: "In", values: ["zone1", "zone2"] }] }],
        },
      },
    },
  },
};
const spread = (whenUnsatisfiable: string): Shape => ({
  labels: { color: "blue" },
  spec: {
    topologySpreadConstraints: [
      { maxSkew: 5, topologyKey: zone, whenUnsatisfiable, labelSelector: { matchLabels: { color: "blue" } } },
    ],
  },
});
const low: Shape = { spec: { terminationGracePeriodSeconds: 0, containers: [container("900m")] } };
const high: Shape = { spec: { priority: 10, containers: [container("3")] } };

const moons = ["moon-1", "moon-2", "moon-3"];
const common = { nodes: 5000, before: 1000, measured: 5000 };
const rows: readonly Row[] = [
  { name: "basic", ...common, measured: 10_000, upstream: 270, pod: plain },
  { name: "node affinity", ...common, measured: 10_000, upstream: 220, zones: ["zone1"], pod: nodeAffinity },
  { name: "pod affinity", ...common, upstream: 35, zones: ["zone1"], podBefore: affinity, pod: affinity },
  { name: "pod anti-affinity", ...common, measured: 2000, upstream: 60, podBefore: antiAffinity, pod: antiAffinity },
  { name: "preferred pod affinity", ...common, upstream: 90, podBefore: preferredAffinity, pod: preferredAffinity },
  {
    name: "preferred pod anti-affinity",
    ...common,
    upstream: 90,
    podBefore: preferredAntiAffinity,
    pod: preferredAntiAffinity,
  },
  { name: "topology spread", ...common, before: 5000, upstream: 85, zones: moons, pod: spread("DoNotSchedule") },
  { name: "preferred spread", ...common, before: 5000, upstream: 125, zones: moons, pod: spread("ScheduleAnyway") },
  { name: "preemption", nodes: 5000, before: 20_000, measured: 5000, upstream: 160, podBefore: low, pod: high },
];

const wanted = process.argv[2] ?? "";
console.log("row                            nodes   pods     pods/s   upstream's threshold   MiB        s   CPU s");
for (const row of rows) if (row.name.includes(wanted)) await measureRow(row);
if ("deployment".includes(wanted)) await measureDeployment(3000, 100);

function container(cpu: string) {
  const amounts = { cpu, memory: "500Mi" };
  return { name: "pause", image: "registry.k8s.io/pause:3.10", resources: { requests: amounts, limits: amounts } };
}

async function measureRow(row: Row): Promise<void> {
  await withControlPlane([], async ({ client, informers }) => {
    for (const name of namespaces) await client.create(resources.namespaces, { metadata: { name } });
    const { zones } = row;
    await inParallel(row.nodes, (at) =>
      createNode(client, `node-${at}`, zones && { [zone]: zones[at % zones.length]! }),
    );
    const create = (namespace: string, count: number, shape: Shape) =>
      inParallel(count, (at) => client.create(resources.pods, makePod(namespace, `pod-${at}`, shape)));
    await create("sched-0", row.before, row.podBefore ?? plain);
    await untilBound(informers, "sched-0", row.before);
    const spent = await measure(() =>
      Promise.all([create("sched-1", row.measured, row.pod), untilBound(informers, "sched-1", row.measured)]),
    );
    report(row.name, { nodes: row.nodes, pods: row.measured, upstream: String(row.upstream), ...spent });
  });
}

async function measureDeployment(pods: number, nodes: number): Promise<void> {
  await withControlPlane(["*"], async ({ client, informers }) => {
    await inParallel(nodes, (at) => createNode(client, `node-${at}`));
    const labels = { app: "web" };
    const spec = {
      replicas: pods,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container("100m")] } },
    };
    const spent = await measure(async () => {
      await client.create(resources.deployments, { metadata: { namespace: "default", name: "web" }, spec });
      await untilBound(informers, "default", pods);
    });
    report("deployment", { nodes, pods, upstream: "254 (11.8 s)", ...spent });
  });
}

interface Scene {
  readonly client: Client;
  readonly informers: InformerSet;
}

/** As scheduler_perf has it: without the admission plug-ins that would need controllers. */
async function withControlPlane(controllers: readonly string[], work: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-bench-"));
  const store = await openEmbeddedStore({ folder });
  let controlPlane: ControlPlane | undefined;
  let informers: InformerSet | undefined;
  try {
    controlPlane = startControlPlane({ apiServer: { store, admission: ["DefaultTolerationSeconds"] }, controllers });
    await controlPlane.apiServer.ready;
    informers = createInformerSet(controlPlane.client);
    informers.start();
    await work({ client: controlPlane.client, informers });
  } finally {
    await informers?.stop();
    await controlPlane?.stop();
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

/** At most so many at once, as many clients would. */
async function inParallel(count: number, work: (at: number) => Promise<unknown>, most = 64): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: most }, worker));
}

function createNode(client: Client, name: string, labels: Record<string, string> = {}) {
  const capacity = { pods: "110", cpu: "4", memory: "32Gi" };
  const now = new Date().toISOString().replace(/\.\d+/, "");
  const ready = { type: "Ready", status: "True", lastHeartbeatTime: now, lastTransitionTime: now };
  return client.create(resources.nodes, {
    metadata: { name, labels: { [hostname]: name, ...labels } },
    status: { capacity, allocatable: capacity, conditions: [ready] },
  });
}

function makePod(namespace: string, name: string, { labels, spec }: Shape): Pod {
  return {
    metadata: { namespace, name, ...(labels && { labels }) },
    spec: { containers: [container("100m")], ...spec },
  };
}

function untilBound(informers: InformerSet, namespace: string, count: number): Promise<void> {
  const bound = new Set<string>();
  return new Promise((resolve) => {
    const look = ({ metadata, spec }: Pod) => {
      if (metadata.namespace !== namespace || !spec?.nodeName) return;
      bound.add(metadata.uid ?? "");
      if (bound.size < count) return;
      setImmediate(() => remove());
      resolve();
    };
    const remove = informers.informer(resources.pods).addHandler({ added: look, updated: look });
  });
}

interface Spent {
  readonly seconds: number;
  /** Of CPU time: where other programs have their share of the machine, this says more. */
  readonly cpuSeconds: number;
}

async function measure(work: () => Promise<unknown>): Promise<Spent> {
  const start = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6 };
}

function report(name: string, found: Spent & { nodes: number; pods: number; upstream: string }): void {
  const { nodes, pods, upstream, seconds, cpuSeconds } = found;
  const columns = [
    name.padEnd(29),
    String(nodes).padStart(6),
    String(pods).padStart(7),
    String(Math.round(pods / seconds)).padStart(10),
    upstream.padStart(22),
    String(Math.round(process.memoryUsage.rss() / 1024 / 1024)).padStart(6),
    seconds.toFixed(2).padStart(9),
    cpuSeconds.toFixed(2).padStart(8),
  ];
  console.log(columns.join(""));
}
