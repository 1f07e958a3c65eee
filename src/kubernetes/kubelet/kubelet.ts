// The node agent: puts the parts together, feeds them the pods the API server gives to this node, and takes them down in order.

import type { Node } from "#kubernetes/api";
import { createInformerSet, type InformerSet } from "#kubernetes/client";
import { createEventRecorder, type EventRecorder } from "#kubernetes/runtime";
import { type Clock, type Logger, silentLogger, systemClock } from "#shared";
import type { KubeletBase } from "./assembly/base.ts";
import { nodeInformer, podsInformer } from "./assembly/informers.ts";
import { makeWorkerTools, type SharedTools } from "./assembly/make-worker-tools.ts";
import { serveNode } from "./assembly/serve.ts";
import { createUpkeep } from "./assembly/upkeep.ts";
import { type CriClient, connectCri } from "./cri/cri-client.ts";
import type { CriAnswer } from "./cri/protocol.ts";
import { createKubeletMetrics } from "./kubelet-metrics.ts";
import { createNodeAgent, type NodeAgent, nodeReference } from "./node/node-agent.ts";
import { createNodeState } from "./node/node-state.ts";
import type { Pressure } from "./node/node-status.ts";
import { createUsageReader } from "./node/usage.ts";
import type { KubeletOptions } from "./options.ts";
import { toBoundPod } from "./pod/bound-pod.ts";
import { createPodEvents } from "./pod-events.ts";
import { admitPod } from "./pods/admission.ts";
import { createPodWorkers, type PodWorkers } from "./pods/pod-workers.ts";
import { watchRuntime } from "./pods/runtime-watch.ts";
import { readMachineFacts } from "./runtime/machine.ts";

export interface Kubelet {
  /** Resolves when the node is registered and the pods given to it are looked after. */
  start(): Promise<void>;
  /** Stops looking after the pods; they go on. Resolves when nothing of the kubelet runs. */
  stop(): Promise<void>;
}

/** A kubelet, not started yet. */
export function createKubelet(options: KubeletOptions): Kubelet {
  return new NodeKubelet(options);
}

/** How long the runtime may take to answer at start: it may be starting itself. */
const runtimePatienceMs = 30_000;
const defaultPort = 10250;

class NodeKubelet implements Kubelet {
  readonly #options: KubeletOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #cri: CriClient;
  readonly #informers: InformerSet;
  readonly #recorder: EventRecorder;
  /** What is to be stopped, the last first. */
  readonly #stops: (() => Promise<void>)[] = [];
  #workers: PodWorkers | undefined;
  /** What the node is short of. */
  #pressure: () => Pressure = () => ({ memory: false, disk: false, pid: false });
  /** The pods of the API server; undefined while it has not been heard of. */
  #known: () => ReadonlySet<string> | undefined = () => undefined;

  constructor(options: KubeletOptions) {
    const { clock = systemClock, logger = silentLogger, client, nodeName } = options;
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#cri = connectCri(options.runtimeSocket);
    this.#informers = createInformerSet(client, { clock, logger });
    this.#recorder = createEventRecorder({ client, component: "kubelet", host: nodeName, clock, logger });
    this.#stops.push(
      async () => this.#cri.close(),
      () => this.#recorder.stop(),
      () => this.#informers.stop(),
    );
  }

  async start(): Promise<void> {
    const base = await this.#makeBase();
    this.#recorder.normal(nodeReference(this.#options.nodeName), "Starting", "Starting kubelet.");
    const tools = await makeWorkerTools(base);
    const workers = this.#makeWorkers(base, tools);
    const agent = await this.#makeAgent(base, tools, workers);
    await agent.start();
    this.#stops.push(() => agent.stop());
    this.#followRuntime(base, workers);
    await this.#followPods(base, tools, workers, agent);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const stop of this.#stops.reverse()) await stop();
    this.#stops.length = 0;
  }

  async #makeBase(): Promise<KubeletBase> {
    const version = await this.#waitForRuntime();
    const state = await createNodeState(this.#options, this.#cri, version);
    const machine = readMachineFacts();
    const active = () => this.#workers?.active() ?? [];
    return {
      options: this.#options,
      clock: this.#clock,
      logger: this.#logger,
      cri: this.#cri,
      version,
      informers: this.#informers,
      recorder: this.#recorder,
      events: createPodEvents(this.#recorder),
      metrics: createKubeletMetrics(this.#options.nodeName, () => this.#workers),
      machine,
      state,
      worker: (uid) => this.#workers?.get(uid),
      admit: (pod) =>
        admitPod({
          pod,
          others: active().filter(({ metadata }) => metadata.uid !== pod.metadata.uid),
          allocatable: state.allocatable,
          node: state.node(),
          pressure: this.#pressure(),
          hasApparmor: machine.hasApparmor,
          supplementalGroupsPolicy: state.health().supplementalGroupsPolicy,
        }),
      onStop: (stop) => this.#stops.push(stop),
    };
  }

  async #waitForRuntime(): Promise<CriAnswer<"VersionResponse">> {
    const giveUpAt = this.#clock.now() + runtimePatienceMs;
    for (;;) {
      try {
        return await this.#cri.call("Version", {}, { timeoutMs: 2000 });
      } catch (error) {
        if (this.#clock.now() > giveUpAt) throw error;
        await this.#clock.sleep(50, this.#stopping.signal);
      }
    }
  }

  #makeWorkers({ admit }: KubeletBase, tools: SharedTools): PodWorkers {
    const workers = createPodWorkers({ tools, admit });
    this.#workers = workers;
    this.#stops.push(() => workers.stop());
    return workers;
  }

  /** With the server and the upkeep, which the node's status shows something of. */
  async #makeAgent(base: KubeletBase, { statuses }: SharedTools, workers: PodWorkers): Promise<NodeAgent> {
    const { options, machine, state } = base;
    const { nodeName: name, labels = {}, taints = [], providerID, cgroupRoot = "/" } = options;
    const { cgroupVersion } = machine;
    const usage = createUsageReader({ cri: this.#cri, clock: this.#clock, cgroupRoot, cgroupVersion });
    const server = options.server && (await serveNode(base, options.server, { workers, statuses, usage }));
    if (server) this.#stops.push(() => server.stop());
    const port = server?.port ?? defaultPort;
    const upkeep = createUpkeep(base, { workers, usage, onPressureChange: () => agent.refresh() });
    this.#pressure = () => upkeep.pressure;
    const agent = createNodeAgent({
      client: options.client,
      clock: this.#clock,
      logger: this.#logger,
      recorder: this.#recorder,
      identity: { name, labels, taints: [...taints], providerID },
      look(signal) {
        upkeep.beat();
        return state.look(port, upkeep.pressure, signal);
      },
      onNode: (node) => state.setNode(node),
    });
    return agent;
  }

  /** From here on the API server says which pods there are to be. */
  async #followPods(
    base: KubeletBase,
    { statuses }: SharedTools,
    workers: PodWorkers,
    agent: NodeAgent,
  ): Promise<void> {
    const { state } = base;
    const pods = podsInformer(base);
    const follow = (node: Node) => {
      state.setNode(node);
      agent.observe(node);
    };
    nodeInformer(base).addHandler({
      added: follow,
      updated: follow,
      deleted: () => agent.refresh(),
    });
    this.#informers.start();
    await this.#informers.synced(this.#stopping.signal);
    pods.addHandler({
      added: (pod) => workers.update(toBoundPod(pod)),
      updated: (pod) => {
        workers.update(toBoundPod(pod));
        statuses.reconcile(toBoundPod(pod));
      },
      deleted: (pod) => workers.remove(toBoundPod(pod)),
    });
    this.#known = () => new Set(pods.list().map(({ metadata: { uid = "" } }) => uid));
    await workers.sweep(this.#known());
  }

  #followRuntime({ version, options }: KubeletBase, workers: PodWorkers): void {
    const watching = watchRuntime(
      {
        cri: this.#cri,
        socket: options.runtimeSocket,
        runtimeName: version.runtimeName,
        clock: this.#clock,
        logger: this.#logger,
        onPod: (uid) => workers.get(uid)?.wake(),
        sweep: () => workers.sweep(this.#known()),
      },
      this.#stopping.signal,
    );
    this.#stops.push(() => watching);
  }
}
