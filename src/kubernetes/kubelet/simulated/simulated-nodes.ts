// Thousands of nodes in one process: registered, kept alive, their pods led through their life. One watch for all pods.

import { isAlreadyExists, type Node, type Pod, resources } from "#kubernetes/api";
import { createInformerSet, type Informer, type InformerSet } from "#kubernetes/client";
import { createEventRecorder, type EventRecorder } from "#kubernetes/runtime";
import { type Clock, describeError, type Logger, silentLogger, systemClock } from "#shared";
import type { Kubelet } from "../kubelet.ts";
import { createAccess } from "../server/access.ts";
import { type KubeletServer, startKubeletServer } from "../server/kubelet-server.ts";
import { createPodAddresses, type PodAddresses } from "./addresses.ts";
import { Gate } from "./gate.ts";
import { LifeEngine, type LifePlan } from "./life-engine.ts";
import { createNodeLeases, type NodeLeases } from "./node-leases.ts";
import {
  defaultLeaseSeconds,
  defaultPodCIDR,
  fakeNodeAnnotation,
  type SimulatedNode,
  type SimulatedNodesOptions,
} from "./options.ts";
import { completedStatus, nextPodStep, runningStatus } from "./pod-life.ts";
import { healthyStatus, isReady, makeSimulatedNode, type NodeFacts } from "./simulated-node-status.ts";
import { createSimulatedServerHost } from "./simulated-server-host.ts";
import { chooseStage } from "./stages/choose-stage.ts";
import { playStage } from "./stages/play-stage.ts";
import { StageSet } from "./stages/stage-set.ts";
import { watchStages } from "./stages/watch-stages.ts";
import { stageFunctions } from "./template-context.ts";

export interface SimulatedNodes extends Kubelet {
  /** Registers more; resolves when they are. */
  add(nodes: readonly SimulatedNode[]): Promise<void>;
}

/** Simulated nodes, not started yet. */
export function createSimulatedNodes(options: SimulatedNodesOptions): SimulatedNodes {
  return new Simulation(options);
}

/** Writes at a time. More only queue up in the API server. */
const podWidth = 128;
const nodeWidth = 64;
const defaultAddress = "127.0.0.1";

class Simulation implements SimulatedNodes {
  readonly #options: SimulatedNodesOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #informers: InformerSet;
  readonly #recorder: EventRecorder;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #podLife: LifeEngine<Pod>;
  readonly #nodeLife: LifeEngine<Node>;
  readonly #addresses: PodAddresses;
  readonly #stages: StageSet;
  readonly #leases: NodeLeases | undefined;
  #server: KubeletServer | undefined;

  constructor(options: SimulatedNodesOptions) {
    const { client, clock = systemClock, logger = silentLogger, leases = defaultLeaseSeconds } = options;
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#informers = createInformerSet(client, { clock, logger });
    this.#recorder = createEventRecorder({ client, component: "kubelet", clock, logger });
    this.#nodes = this.#informers.informer(resources.nodes);
    this.#pods = this.#informers.informer(resources.pods, { fieldSelector: "spec.nodeName!=" });
    this.#pods.addIndex("node", nodeOfPod);
    this.#addresses = createPodAddresses(options.podCIDR ?? defaultPodCIDR);
    this.#stages = new StageSet(this.#templateFunctions(), logger);
    this.#podLife = new LifeEngine({ clock, logger, width: podWidth, plan: (pod) => this.#planPod(pod) });
    this.#nodeLife = new LifeEngine({ clock, logger, width: nodeWidth, plan: (node) => this.#planNode(node) });
    this.#leases = leases ? createNodeLeases({ client, clock, logger, periodMs: leases * 1000 }) : undefined;
  }

  async start(): Promise<void> {
    this.#server = await this.#serve();
    for (const stage of this.#options.stages ?? []) this.#stages.put(stage);
    this.#followStages();
    this.#nodes.addHandler({
      added: (node) => this.#seenNode(node),
      updated: (node) => this.#seenNode(node),
      deleted: (node) => this.#goneNode(node),
    });
    this.#informers.start();
    await this.#nodes.synced(this.#stopping.signal);
    await this.add(this.#options.nodes);
    this.#pods.addHandler({
      added: (pod) => this.#seenPod(pod),
      updated: (pod) => this.#seenPod(pod),
      deleted: (pod) => this.#gonePod(pod),
    });
    await this.#pods.synced(this.#stopping.signal);
  }

  async add(nodes: readonly SimulatedNode[]): Promise<void> {
    const gate = new Gate(nodeWidth);
    const registrations = nodes.map((node) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate.add(() => this.#register(node).then(resolve));
      return promise;
    });
    await Promise.all(registrations);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#server?.stop();
    await this.#informers.stop();
    await Promise.all([this.#podLife.stop(), this.#nodeLife.stop(), this.#leases?.stop()]);
    await this.#recorder.stop();
  }

  // --- nodes

  #facts(): NodeFacts {
    const { address = defaultAddress, kubeletVersion } = this.#options;
    return { address, port: this.#server?.port ?? 0, kubeletVersion };
  }

  /** Until it is done or everything stops. A node that is there already is made well by its life. */
  async #register(wanted: SimulatedNode): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted && !this.#nodes.get({ name: wanted.name })) {
      try {
        const node = makeSimulatedNode(wanted, this.#facts(), this.#clock.now());
        await this.#options.client.create(resources.nodes, node, { signal });
        return;
      } catch (error) {
        if (isAlreadyExists(error) || signal.aborted) return;
        this.#logger.info({ node: wanted.name, error: describeError(error) }, "node not registered, trying again");
        await this.#clock.sleep(500, signal).catch(() => {});
      }
    }
  }

  #seenNode(node: Node): void {
    if (!isSimulated(node)) return;
    const isNew = this.#known.size !== this.#known.add(node.metadata.name ?? "").size;
    this.#leases?.add(node);
    this.#nodeLife.seen(node);
    if (!isNew || !this.#pods.hasSynced) return;
    for (const pod of this.#pods.byIndex("node", node.metadata.name ?? "")) this.#podLife.ask(pod);
  }

  readonly #known = new Set<string>();

  #goneNode(node: Node): void {
    const { name = "" } = node.metadata;
    this.#known.delete(name);
    this.#leases?.remove(name);
    this.#nodeLife.gone(node);
  }

  #planNode(node: Node): LifePlan<Node> | undefined {
    const stages = this.#stages.of("Node");
    if (stages.length > 0) return this.#planStage(stages, resources.nodes, node);
    const { client } = this.#options;
    const { port } = this.#facts();
    const isRight = isReady(node) && node.status?.daemonEndpoints?.kubeletEndpoint?.Port === port;
    if (isRight) return undefined;
    return {
      delayMs: 0,
      run: () => {
        const body = { status: healthyStatus(node, this.#facts(), this.#clock.now()) };
        const key = { name: node.metadata.name ?? "" };
        return client.patch(resources.nodes, key, { type: "strategic", body }, { subresource: "status" });
      },
    };
  }

  // --- pods

  #seenPod(pod: Pod): void {
    const { uid = "" } = pod.metadata;
    if (!pod.spec?.hostNetwork) this.#addresses.keep(uid, pod.status?.podIPs?.map(({ ip = "" }) => ip) ?? []);
    this.#podLife.seen(pod);
  }

  #gonePod(pod: Pod): void {
    this.#addresses.release(pod.metadata.uid ?? "");
    this.#podLife.gone(pod);
  }

  #planPod(pod: Pod): LifePlan<Pod> | undefined {
    if (!this.#known.has(pod.spec?.nodeName ?? "")) return undefined;
    const stages = this.#stages.of("Pod");
    if (stages.length > 0) return this.#planStage(stages, resources.pods, pod);
    const step = nextPodStep(pod);
    if (step === undefined) return undefined;
    return { delayMs: step === "run" ? (this.#options.podStartMs ?? 0) : 0, run: () => this.#doStep(step, pod) };
  }

  async #doStep(step: NonNullable<ReturnType<typeof nextPodStep>>, pod: Pod): Promise<Pod | undefined> {
    const { client } = this.#options;
    const { name = "", namespace = "", uid = "" } = pod.metadata;
    if (step === "remove") {
      await client.delete(resources.pods, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
      return undefined;
    }
    const nowMs = this.#clock.now();
    const status =
      step === "complete" ? completedStatus(pod, nowMs) : runningStatus(pod, { ...this.#placeOf(pod), nowMs });
    return client.update(resources.pods, { ...pod, status }, { subresource: "status" });
  }

  #placeOf({ metadata: { uid = "" }, spec }: Pod): { hostIPs: readonly string[]; podIPs: readonly string[] } {
    const nodeName = spec?.nodeName ?? "";
    const hostIPs = this.#hostIPsOf(nodeName);
    return { hostIPs, podIPs: spec?.hostNetwork ? hostIPs : this.#podIPsOf(nodeName, uid) };
  }

  #hostIPsOf(nodeName: string): readonly string[] {
    const addresses = this.#nodes.get({ name: nodeName })?.status?.addresses ?? [];
    return addresses.filter(({ type }) => type === "InternalIP").map(({ address }) => address);
  }

  #podIPsOf(nodeName: string, podUid: string): readonly string[] {
    const { podCIDRs, podCIDR } = this.#nodes.get({ name: nodeName })?.spec ?? {};
    return this.#addresses.assign(podUid, podCIDRs ?? (podCIDR ? [podCIDR] : []));
  }

  // --- stages

  #templateFunctions() {
    return stageFunctions({
      clock: this.#clock,
      address: this.#options.address ?? defaultAddress,
      port: () => this.#server?.port ?? 0,
      hostIPsOf: (nodeName) => this.#hostIPsOf(nodeName),
      podIPsOf: (nodeName, uid) => this.#podIPsOf(nodeName, uid),
    });
  }

  #planStage<T extends Node | Pod>(
    stages: Parameters<typeof chooseStage>[0],
    resource: Parameters<typeof playStage<T>>[1],
    object: T,
  ): LifePlan<T> | undefined {
    const stage = chooseStage(stages, object, Math.random());
    if (!stage) return undefined;
    const tools = { client: this.#options.client, recorder: this.#recorder };
    return {
      delayMs: stage.delayMs(object, this.#clock.now(), Math.random()),
      run: () => playStage(tools, resource, object, stage),
      goesOnAtOnce: stage.immediateNextStage,
    };
  }

  #followStages(): void {
    if (this.#options.stages) return;
    const askAll = () => {
      for (const node of this.#nodes.list()) if (isSimulated(node)) this.#nodeLife.ask(node);
      for (const pod of this.#pods.list()) this.#podLife.ask(pod);
    };
    watchStages(this.#informers, {
      put: (stage) => {
        this.#stages.put(stage);
        askAll();
      },
      remove: (stage) => {
        this.#stages.remove(stage);
        askAll();
      },
    });
  }

  // --- server

  async #serve(): Promise<KubeletServer | undefined> {
    const { server, client } = this.#options;
    if (!server) return undefined;
    const host = createSimulatedServerHost({
      pods: () => this.#pods.list().filter(({ spec }) => this.#known.has(spec?.nodeName ?? "")),
      findPod: (namespace, name) => this.#pods.get({ namespace, name }),
    });
    const access = createAccess({
      client,
      clock: this.#clock,
      // The server is every node's; what is asked is about the pods of any.
      nodeName: "*",
      anonymous: server.anonymous ?? false,
    });
    return startKubeletServer({ options: server, access, host, clock: this.#clock, logger: this.#logger });
  }
}

function isSimulated({ metadata }: Node): boolean {
  return metadata.annotations?.[fakeNodeAnnotation] === "fake";
}

function nodeOfPod({ spec }: Pod): string[] {
  return [spec?.nodeName ?? ""];
}
