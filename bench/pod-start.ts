// How long a pod takes to start when its image is there: `node bench/pod-start.ts [--pods 30] [--kubeconfig FILE --node NAME]`. From
// the POST to the moment a watch shows it Running, and Ready; one pod after the other, then ten at once. Makes a cluster of its own,
// as root, where no kubeconfig is given; the image registry.test/busybox:1 must be on the node otherwise.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Pod, resources } from "#kubernetes/api";
import {
  type Client,
  connectionOf,
  createClient,
  createHttpTransport,
  createInformerSet,
  loadKubeconfig,
} from "#kubernetes/client";
import { writeBusyboxImage } from "../test/support/containers/oci-image.ts";

const { values } = parseArgs({
  options: {
    pods: { type: "string", default: "30" },
    kubeconfig: { type: "string" },
    node: { type: "string" },
  },
});
const podCount = Number(values.pods);
const image = "registry.test/busybox:1";
/** Ends when it is told to, unlike a bare sleep. */
const script = "trap exit TERM; sleep 3600 & wait";
const launcher = join(import.meta.dirname, "../slipway");

/** By the pod's name: who waits for it to be as wanted, and to be gone. */
type Waiting = Map<string, (pod: Pod) => void>;
const waiting: Waiting = new Map();
const deleted: Waiting = new Map();

const cluster = values.kubeconfig ? undefined : startCluster();
try {
  await measure(values.kubeconfig ?? cluster!.kubeconfig);
} finally {
  cluster?.stop();
}

async function measure(kubeconfig: string): Promise<void> {
  const transport = createHttpTransport(await connectionOf(await loadKubeconfig(kubeconfig)));
  const client = createClient({ transport, userAgent: "bench" });
  const informers = createInformerSet(client);
  const pods = informers.informer(resources.pods, { labelSelector: "bench=pod-start" });
  const look = (pod: Pod) => waiting.get(pod.metadata.name!)?.(pod);
  pods.addHandler({ added: look, updated: look, deleted: (pod) => deleted.get(pod.metadata.name!)?.(pod) });
  informers.start();
  await informers.synced();
  try {
    await round("warm-up", client, { count: 2, atOnce: 1, quiet: true });
    await round("one after the other", client, { count: podCount, atOnce: 1 });
    await round("ten at once", client, { count: podCount, atOnce: 10 });
  } finally {
    await informers.stop();
    await client.close();
  }
}

async function round(
  title: string,
  client: Client,
  { count, atOnce, quiet = false }: { count: number; atOnce: number; quiet?: boolean },
): Promise<void> {
  const running: number[] = [];
  const gone: number[] = [];
  for (let first = 0; first < count; first += atOnce) {
    const names = Array.from({ length: Math.min(atOnce, count - first) }, (_, index) => `start-${first + index}`);
    running.push(...(await Promise.all(names.map((name) => startPod(client, name)))));
    gone.push(...(await Promise.all(names.map((name) => removePod(client, name)))));
  }
  if (quiet) return;
  console.log(`POST to Running, ${title}: ${describe(running)}`);
  console.log(`DELETE to gone, ${title}: ${describe(gone)}`);
}

async function startPod(client: Client, name: string): Promise<number> {
  const start = performance.now();
  const isRunning = until(waiting, name, (pod) => pod.status?.phase === "Running");
  await client.create(resources.pods, {
    metadata: { name, namespace: "default", labels: { bench: "pod-start" } },
    spec: {
      ...(values.node && { nodeName: values.node }),
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "main", image, imagePullPolicy: "IfNotPresent", command: ["/bin/sh", "-c", script] }],
    },
  });
  await isRunning;
  return performance.now() - start;
}

async function removePod(client: Client, name: string): Promise<number> {
  const start = performance.now();
  const isGone = until(deleted, name, () => true);
  await client.delete(resources.pods, { namespace: "default", name }, { gracePeriodSeconds: 1 });
  await isGone;
  return performance.now() - start;
}

function until(watched: Waiting, name: string, isSo: (pod: Pod) => boolean): Promise<void> {
  return new Promise((resolve) => {
    watched.set(name, (pod) => {
      if (!isSo(pod)) return;
      watched.delete(name);
      resolve();
    });
  });
}

function describe(times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number) =>
    `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!)} ms`;
  return `p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, worst ${at(1)} (${sorted.length} pods)`;
}

interface BenchCluster {
  readonly kubeconfig: string;
  stop(): void;
}

function startCluster(): BenchCluster {
  const home = mkdtempSync(join(tmpdir(), "slipway-bench-"));
  const kubeconfig = join(home, "kubeconfig");
  const env = { ...process.env, SLIPWAY_HOME: home, KUBECONFIG: kubeconfig };
  const slipway = (...args: string[]) => {
    const { status, stderr } = spawnSync(launcher, [...args, "--name", "pod-start"], { env, encoding: "utf8" });
    if (status !== 0) throw new Error(`slipway ${args.join(" ")} ended with ${status}: ${stderr}`);
  };
  const stop = () => {
    slipway("down");
    rmSync(home, { recursive: true, force: true });
  };
  const archive = join(home, "image.tar");
  writeBusyboxImage(archive, { name: image });
  try {
    slipway("up", "--workers", "1");
    slipway("image", "load", archive);
  } catch (error) {
    stop();
    throw error;
  }
  return { kubeconfig, stop };
}
