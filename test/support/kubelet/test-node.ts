// A node for tests: the real kubelet against the real API server in this process, with a container runtime and mounts that are
// only remembered, on a clock that moves when told to. Needs neither root nor containers.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import {
  type Container,
  type ContainerStatus,
  type EphemeralContainer,
  type Event,
  type Node,
  type NodeStatus,
  type Pod,
  type PodCondition,
  resources,
  type TokenRequest,
} from "#kubernetes/api";
import { createKubelet, type Kubelet, type KubeletOptions } from "#kubernetes/kubelet";
import { FakeClock, silentLogger } from "#shared";
import {
  FakeRuntime,
  type FakeRuntimeOptions,
  type RuntimeCall,
} from "../../../src/kubernetes/kubelet/testing/fake-runtime.ts";
import { advanceUntil } from "../cluster/advance-until.ts";
import { startTestCluster, type TestCluster } from "../cluster/test-cluster.ts";

export interface TestNode {
  readonly clock: FakeClock;
  readonly cluster: TestCluster;
  readonly runtime: FakeRuntime;
  /** The kubelet's folder. */
  readonly folder: string;
  /** Creates a pod bound to the node. */
  createPod(name: string, spec: Partial<Pod["spec"]> & object, metadata?: Pod["metadata"]): Promise<Pod>;
  /** Resolves when the pod is as `check` wants it. Fails with what it was instead. */
  untilPod(name: string, check: (pod: Pod) => unknown): Promise<Pod>;
  untilGone(name: string): Promise<void>;
  /** As untilPod, moving the clock on by so much between looks. */
  advanceUntil(name: string, stepMs: number, check: (pod: Pod) => unknown): Promise<Pod>;
  advanceUntilNode(stepMs: number, check: (status: NodeStatus) => unknown): Promise<void>;
  deletePod(name: string, gracePeriodSeconds?: number): Promise<void>;
  /** The pod's events so far: "Warning BackOff: …". */
  eventsOf(name: string): Promise<string[]>;
  untilEvent(name: string, text: string | RegExp): Promise<void>;
  /** Resolves when the runtime was asked so often. */
  untilCalled(method: RuntimeCall["method"], times: number): Promise<void>;
  /** The same, moving the clock on between looks. */
  advanceUntilCalled(method: RuntimeCall["method"], times: number, stepMs: number): Promise<void>;
  /** Resolves when the runtime has no sandbox any more. */
  untilRuntimeEmpty(): Promise<void>;
  /** Adds an ephemeral container. */
  debug(pod: Pod, ephemeral: EphemeralContainer): Promise<void>;
  /** As a controller would. */
  setCondition(name: string, condition: PodCondition): Promise<void>;
  /** A token of a service account in the namespace default. */
  serviceAccountToken(account: string): Promise<string>;
  startKubelet(options?: Partial<KubeletOptions>): Promise<Kubelet>;
}

type System = NonNullable<KubeletOptions["system"]>;
type PodLimits = Awaited<ReturnType<NonNullable<System["cgroups"]>["limits"]>>;

export const nodeName = "node-1";

/** Why this machine can't run these tests. */
export const noKubelet: string | false = process.platform === "linux" ? false : "the kubelet needs Linux";

export interface TestNodeOptions extends Pick<FakeRuntimeOptions, "events"> {
  readonly kubelet?: Partial<KubeletOptions>;
  /** Default true. */
  readonly starts?: boolean;
}

/** Ends with the test. */
export async function startTestNode(t: TestContext, options: TestNodeOptions = {}): Promise<TestNode> {
  const clock = new FakeClock(Date.now());
  const folder = mkdtempSync(join(tmpdir(), "kubelet-"));
  const cluster = await startTestCluster({ clock });
  const runtime = await new FakeRuntime({ clock, ...options }).start();
  const system: System = { mounter: rememberingMounter(), cgroups: rememberingCgroups() };
  const kubelets: Kubelet[] = [];
  t.after(async () => {
    for (const kubelet of kubelets) await kubelet.stop();
    await runtime[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const { client } = cluster;
  const keyFor = (name: string) => ({ namespace: "default", name });

  const untilPod = async (name: string, check: (pod: Pod) => unknown): Promise<Pod> => {
    const find = (pods: readonly Pod[]) => pods.find(({ metadata }) => metadata.name === name);
    const pods = await cluster.until(resources.pods, (all) => {
      const pod = find(all);
      return pod && check(pod);
    });
    return find(pods)!;
  };

  const node: TestNode = {
    clock,
    cluster,
    runtime,
    folder,
    untilPod,
    async createPod(name, spec, metadata = {}) {
      const containers = spec.containers ?? [container("main")];
      const pod = {
        metadata: { ...metadata, ...keyFor(name) },
        spec: { nodeName, automountServiceAccountToken: false, ...spec, containers },
      };
      return client.create(resources.pods, pod);
    },
    async untilGone(name) {
      await cluster.until(resources.pods, (pods) => !pods.some(({ metadata }) => metadata.name === name));
    },
    advanceUntil: (name, stepMs, check) => advanceUntil(clock, stepMs, untilPod(name, check)),
    async advanceUntilNode(stepMs, check) {
      const isSo = (nodes: readonly Node[]) => nodes.some(({ status = {} }) => check(status));
      await advanceUntil(clock, stepMs, cluster.until(resources.nodes, isSo));
    },
    async deletePod(name, gracePeriodSeconds) {
      await client.delete(resources.pods, keyFor(name), gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds });
    },
    async eventsOf(name) {
      const { items } = await client.list(resources.events, { namespace: "default" });
      return items.filter(isAbout(name)).map(describeEvent);
    },
    async untilEvent(name, text) {
      await cluster.until(resources.events, (events) =>
        events
          .filter(isAbout(name))
          .map(describeEvent)
          .some((event) => (typeof text === "string" ? event.includes(text) : text.test(event))),
      );
    },
    untilCalled: (method, times) => poll(() => runtime.callsOf(method).length >= times),
    advanceUntilCalled: (method, times, stepMs) =>
      advanceUntil(
        clock,
        stepMs,
        poll(() => runtime.callsOf(method).length >= times),
      ),
    untilRuntimeEmpty: () => poll(() => runtime.sandboxes.length === 0),
    async debug({ metadata: { name = "" } }, ephemeral) {
      const patch = { type: "strategic", body: { spec: { ephemeralContainers: [ephemeral] } } } as const;
      await client.patch(resources.pods, keyFor(name), patch, { subresource: "ephemeralcontainers" });
    },
    async setCondition(name, condition) {
      const patch = { type: "strategic", body: { status: { conditions: [condition] } } } as const;
      await client.patch(resources.pods, keyFor(name), patch, { subresource: "status" });
    },
    async serviceAccountToken(account) {
      const body: TokenRequest = { metadata: {}, spec: { audiences: [] } };
      const key = keyFor(account);
      const { status } = await client.createSubresource<TokenRequest>(resources.serviceAccounts, key, "token", body);
      return status?.token ?? "";
    },
    async startKubelet(more = {}) {
      const kubelet = createKubelet({
        nodeName,
        client,
        clock,
        logger: silentLogger,
        runtimeSocket: runtime.socket,
        rootFolder: join(folder, "kubelet"),
        podLogsFolder: join(folder, "logs"),
        addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
        capacity: { cpu: "4", memory: "8Gi", "ephemeral-storage": "100Gi" },
        resolverConfig: join(import.meta.dirname, "resolv.conf"),
        clusterDns: ["10.96.0.10"],
        cgroupRoot: "/test",
        eviction: { memoryAvailable: "0", nodeDiskAvailable: "0", nodeInodesFree: "0", imageDiskAvailable: "0" },
        system,
        ...options.kubelet,
        ...more,
      });
      kubelets.push(kubelet);
      await kubelet.start();
      return kubelet;
    },
  };
  if (options.starts ?? true) await node.startKubelet();
  return node;
}

/** Looks until it is so. The runtime tells nobody what was asked of it. */
async function poll(isSo: () => boolean): Promise<void> {
  const giveUpAt = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > giveUpAt) throw new Error("it never came to be so");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A container with the image that is there. */
export function container(name: string, more: Partial<Container> = {}): Container {
  return { name, image: "app:1", imagePullPolicy: "IfNotPresent", ...more };
}

export function statusOf(pod: Pod, name: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].find(
    (status) => status.name === name,
  );
}

export function isRunning(name: string): (pod: Pod) => boolean {
  return (pod) => statusOf(pod, name)?.state?.running !== undefined;
}

export function isWaiting(name: string, reason: string): (pod: Pod) => boolean {
  return (pod) => statusOf(pod, name)?.state?.waiting?.reason === reason;
}

export function hasPhase(phase: string): (pod: Pod) => boolean {
  return ({ status }) => status?.phase === phase;
}

export function conditionOf(pod: Pod, type: string) {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

function isAbout(name: string): (event: Event) => boolean {
  return ({ involvedObject }) => involvedObject.name === name;
}

function describeEvent({ type, reason, message }: Event): string {
  return `${type} ${reason}: ${message}`;
}

/** Control groups that are only remembered. */
function rememberingCgroups(): NonNullable<System["cgroups"]> {
  const limits = new Map<string, PodLimits>();
  const none: PodLimits = { cpuShares: 2, cpuQuota: 0, memoryBytes: 0 };
  const uidOf = ({ metadata: { uid = "" } }: Pod) => uid;
  return {
    parentOf: (pod) => `/test/pod${uidOf(pod)}`,
    exists: async (pod) => limits.has(uidOf(pod)),
    ensure: async (pod) => void limits.set(uidOf(pod), none),
    limits: async (pod) => limits.get(uidOf(pod)) ?? none,
    wantedLimits: () => none,
    change: async (pod, changed) => void limits.set(uidOf(pod), { ...none, ...limits.get(uidOf(pod)), ...changed }),
    destroy: async (uid) => void limits.delete(uid),
    list: async () => new Set(limits.keys()),
    remove: async () => limits.clear(),
  };
}

function rememberingMounter(): NonNullable<System["mounter"]> {
  const mounts: string[] = [];
  return {
    async mount({ target }) {
      mounts.push(target);
    },
    async unmount(target) {
      const index = mounts.lastIndexOf(target);
      if (index >= 0) mounts.splice(index, 1);
    },
    mountsBelow: async (folder) => mounts.filter((point) => point === folder || point.startsWith(`${folder}/`)),
  };
}
