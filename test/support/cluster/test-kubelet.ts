// What nodes do to pods, as far as controllers can tell: pods get a node and an address, run, become ready, and go when deleted.

import { keyOf, type Node, type Pod, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { formatTime } from "#kubernetes/runtime";
import { type Clock, systemClock } from "#shared";
import type { TestCluster } from "./test-cluster.ts";

export interface TestKubeletOptions {
  readonly nodes?: readonly string[];
  readonly clock?: Clock;
  /** What becomes of a pod that has started. Default: ready at once. */
  readonly outcome?: (pod: Pod) => "ready" | "running" | "succeeded" | "failed" | undefined;
}

export interface TestKubelet {
  /** Sets a pod's state from outside, as its containers would. */
  set(pod: Pod, outcome: "ready" | "running" | "succeeded" | "failed"): Promise<void>;
  stop(): void;
}

/** Runs all pods of a cluster, on its nodes in turn. Nodes are created, ready. */
export async function runPods(cluster: TestCluster, options: TestKubeletOptions = {}): Promise<TestKubelet> {
  const { nodes = ["node-1"], clock = systemClock, outcome = () => "ready" as const } = options;
  const { client, informers } = cluster;
  for (const name of nodes) await createReadyNode(client, name, clock);
  let turn = 0;
  const busy = new Set<string>();

  const act = async (pod: Pod): Promise<void> => {
    if (pod.metadata.deletionTimestamp) {
      await client.delete(resources.pods, keyOf(pod), { gracePeriodSeconds: 0 });
      return;
    }
    const name = pod.spec?.nodeName ?? nodes[turn++ % nodes.length]!;
    if (!pod.spec?.nodeName) {
      const { namespace = "", name: podName = "" } = pod.metadata;
      const body = { metadata: { name: podName, namespace }, target: { apiVersion: "v1", kind: "Node", name } };
      await client.createSubresource(resources.pods, keyOf(pod), "binding", body);
      return;
    }
    const next = pod.status?.startTime === undefined ? outcome(pod) : undefined;
    if (next) await setState(client, pod, next, clock);
  };
  const look = (pod: Pod) => {
    const { uid = "" } = pod.metadata;
    if (busy.has(uid)) return;
    busy.add(uid);
    setImmediate(async () => {
      busy.delete(uid);
      // Whoever was faster wins; the next change of the pod comes here again.
      const current = informer.get(keyOf(pod));
      if (current?.metadata.uid === uid) await act(current).catch(() => undefined);
    });
  };
  const informer = informers.informer(resources.pods);
  const remove = informer.addHandler({ added: look, updated: look });
  await informer.synced();
  return { set: (pod, state) => setState(client, pod, state, clock), stop: remove };
}

export async function createReadyNode(client: Client, name: string, clock: Clock = systemClock): Promise<Node> {
  const time = formatTime(clock.now());
  const node: Node = {
    metadata: { name, labels: { "kubernetes.io/hostname": name } },
    status: {
      capacity: { cpu: "8", memory: "16Gi", pods: "110" },
      allocatable: { cpu: "8", memory: "16Gi", pods: "110" },
      conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: time, lastTransitionTime: time }],
    },
  };
  const created = await client.create(resources.nodes, node);
  const taints = created.spec?.taints ?? [];
  if (taints.length === 0) return created;
  // Admission taints every new node until somebody has looked at it.
  return client.patch(resources.nodes, { name }, { type: "merge", body: { spec: { taints: null } } });
}

const phases = { ready: "Running", running: "Running", succeeded: "Succeeded", failed: "Failed" } as const;
let lastAddress = 0;

async function setState(
  client: Client,
  pod: Pod,
  outcome: "ready" | "running" | "succeeded" | "failed",
  clock: Clock,
): Promise<void> {
  const time = formatTime(clock.now());
  const address = ++lastAddress;
  const podIP = pod.status?.podIP ?? `10.244.${(address >> 8) & 255}.${address & 255}`;
  const ready = outcome === "ready" ? "True" : "False";
  const containers = (pod.spec?.containers ?? []).map(({ name, image = "" }) => ({
    name,
    image,
    imageID: "",
    ready: outcome === "ready",
    restartCount: 0,
    state:
      phases[outcome] === "Running"
        ? { running: { startedAt: time } }
        : { terminated: { exitCode: outcome === "failed" ? 1 : 0, finishedAt: time } },
  }));
  const status = {
    phase: phases[outcome],
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: pod.status?.startTime ?? time,
    conditions: [{ type: "Ready", status: ready, lastTransitionTime: time }],
    containerStatuses: containers,
  };
  const patch = { type: "strategic", body: { metadata: { uid: pod.metadata.uid }, status } } as const;
  await client.patch(resources.pods, keyOf(pod), patch, { subresource: "status" });
}
