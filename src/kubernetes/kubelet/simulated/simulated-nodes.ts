// Thousands of nodes in one process: registered, kept alive, their pods led through their life. One watch for all pods.

import { isAlreadyExists, type KubeObject, type Node, type Pod, type Resource, resources } from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import { createEventRecorder, type EventRecorder } from "#kubernetes/runtime";
import { type Clock, describeError, type Logger, silentLogger, systemClock } from "#shared";
import type { Kubelet } from "../kubelet.ts";
import { Gate } from "./gate.ts";
import { LifeEngine, type LifePlan } from "./life-engine.ts";
import { createNodeLeases, type NodeLeases } from "./node-leases.ts";
import {
  defaultLeaseSeconds,
  defaultNodeCIDR,
  defaultPodCIDR,
  isSimulated,
  type SimulatedNode,
  type SimulatedNodesOptions,
} from "./options.ts";
import { createPlaces, type Places } from "./places.ts";
import { completedStatus, nextPodStep, type PodStep, runningStatus } from "./pod-life.ts";
import { healthyStatus, isReady, makeSimulatedNode, type NodeFacts } from "./simulated-node-status.ts";
import { chooseStage } from "./stages/choose-stage.ts";
import type { Stage } from "./stages/compile-stage.ts";
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

/** Why a node cannot be asked for logs or commands; undefined for one that is not simulated. */
export function explainSimulated(node: Node): string | undefined {
  if (!isSimulated(node)) return undefined;
  return `node ${node.metadata.name} is simulated: nothing runs in its pods that could be read or reached`;
}

/** Writes at a time. More only queue up in the API server. */
const podWidth = 128;
const nodeWidth = 64;
const notReadyTaint = "node.kubernetes.io/not-ready";

class Simulation implements SimulatedNodes {
  readonly #options: SimulatedNodesOptions;
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #recorder: EventRecorder;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #podLife: LifeEngine<Pod>;
  readonly #nodeLife: LifeEngine<Node>;
  readonly #places: Places;
  readonly #stages: StageSet;
  readonly #leases: NodeLeases | undefined;
  /** Names of the nodes that are simulated. */
  readonly #known = new Set<string>();
  readonly #detach: (() => void)[] = [];

  constructor(options: SimulatedNodesOptions) {
    const { client, informers, clock = systemClock, logger = silentLogger, leases = defaultLeaseSeconds } = options;
    const { nodeCIDR = defaultNodeCIDR, podCIDR = defaultPodCIDR } = options;
    this.#options = options;
    this.#client = client;
    this.#clock = clock;
    this.#logger = logger;
    this.#recorder = createEventRecorder({ client, component: "kubelet", clock, logger });
    this.#nodes = informers.informer(resources.nodes);
    this.#pods = informers.informer(resources.pods);
    this.#pods.addIndex("simulated-node", nodeOfPod);
    this.#places = createPlaces({ nodeCIDR, podCIDR, findNode: (name) => this.#nodes.get({ name }) });
    this.#stages = new StageSet(stageFunctions(clock, this.#places), logger);
    this.#podLife = new LifeEngine({ clock, logger, width: podWidth, plan: (pod) => this.#planPod(pod) });
    this.#nodeLife = new LifeEngine({ clock, logger, width: nodeWidth, plan: (node) => this.#planNode(node) });
    this.#leases = leases ? createNodeLeases({ client, clock, logger, periodMs: leases * 1000 }) : undefined;
  }

  async start(): Promise<void> {
    const { stages = [], informers, nodes = [] } = this.#options;
    const { signal } = this.#stopping;
    for (const stage of stages) this.#stages.put(stage);
    this.#followStages();
    const seenNode = (node: Node) => this.#seenNode(node);
    const goneNode = (node: Node) => this.#goneNode(node);
    this.#detach.push(this.#nodes.addHandler({ added: seenNode, updated: seenNode, deleted: goneNode }));
    informers.start();
    await this.#nodes.synced(signal);
    await this.add(nodes);
    const seenPod = (pod: Pod) => this.#seenPod(pod);
    const gonePod = (pod: Pod) => this.#gonePod(pod);
    signal.throwIfAborted();
    this.#detach.push(this.#pods.addHandler({ added: seenPod, updated: seenPod, deleted: gonePod }));
    await this.#pods.synced(signal);
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
    this.#stopping.abort(new Error("the simulated nodes are stopping"));
    for (const detach of this.#detach) detach();
    await Promise.all([this.#podLife.stop(), this.#nodeLife.stop(), this.#leases?.stop()]);
    await this.#recorder.stop();
  }

  // --- nodes

  #factsOf(name: string): NodeFacts {
    return {
      ips: this.#places.nodeIPs(name),
      kubeletVersion: this.#options.kubeletVersion,
      nowMs: this.#clock.now(),
    };
  }

  /** Until it is done or everything stops. A node that is there already is made well by its life. */
  async #register(wanted: SimulatedNode): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted && !this.#nodes.get({ name: wanted.name })) {
      try {
        const node = makeSimulatedNode(wanted, this.#factsOf(wanted.name));
        await this.#client.create(resources.nodes, node, { signal });
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
    const { name = "" } = node.metadata;
    const isNew = !this.#known.has(name);
    this.#known.add(name);
    this.#places.seenNode(node);
    this.#leases?.add(node);
    this.#nodeLife.seen(node);
    // Pods can be there before their node.
    if (isNew) for (const pod of this.#pods.byIndex("simulated-node", name)) this.#podLife.ask(pod);
  }

  #goneNode(node: Node): void {
    const { name = "" } = node.metadata;
    this.#known.delete(name);
    this.#places.goneNode(node);
    this.#leases?.remove(name);
    this.#nodeLife.gone(node);
  }

  #planNode(node: Node): LifePlan<Node> | undefined {
    const stages = this.#stages.of("Node");
    const plan = stages.length > 0 ? this.#planStage(stages, resources.nodes, node) : this.#planHealth(node);
    return plan ?? this.#planUntaint(node);
  }

  #planHealth(node: Node): LifePlan<Node> | undefined {
    if (isReady(node) && node.metadata.deletionTimestamp === undefined) return undefined;
    const { name = "" } = node.metadata;
    return {
      delayMs: 0,
      run: () => {
        const body = { status: healthyStatus(node, this.#factsOf(name)) };
        return this.#client.patch(resources.nodes, { name }, { type: "strategic", body }, { subresource: "status" });
      },
      goesOnAtOnce: true,
    };
  }

  #planUntaint(node: Node): LifePlan<Node> | undefined {
    const { taints = [] } = node.spec ?? {};
    const kept = taints.filter(({ key }) => key !== notReadyTaint);
    if (!this.#options.removesNotReadyTaint || kept.length === taints.length || !isReady(node)) return undefined;
    const { name = "", resourceVersion } = node.metadata;
    const body = { metadata: { resourceVersion }, spec: { taints: kept.length > 0 ? kept : null } };
    return { delayMs: 0, run: () => this.#client.patch(resources.nodes, { name }, { type: "merge", body }) };
  }

  // --- pods

  #seenPod(pod: Pod): void {
    const nodeName = pod.spec?.nodeName;
    if (nodeName === undefined || !this.#known.has(nodeName)) return;
    this.#places.seenPod(pod);
    this.#podLife.seen(pod);
  }

  #gonePod(pod: Pod): void {
    this.#places.gonePod(pod);
    this.#podLife.gone(pod);
  }

  #planPod(pod: Pod): LifePlan<Pod> | undefined {
    if (!this.#known.has(pod.spec?.nodeName ?? "")) return undefined;
    const stages = this.#stages.of("Pod");
    if (stages.length > 0) return this.#planStage(stages, resources.pods, pod);
    const step = nextPodStep(pod);
    if (step === undefined) return undefined;
    return { delayMs: this.#delayOf(step), run: () => this.#doStep(step, pod) };
  }

  #delayOf(step: PodStep): number {
    if (step === "recover") return recoverMs;
    return step === "run" ? (this.#options.podStartMs ?? 0) : 0;
  }

  async #doStep(step: PodStep, pod: Pod): Promise<Pod | undefined> {
    const { name = "", namespace = "", uid = "" } = pod.metadata;
    if (step === "remove") {
      const key = { namespace, name };
      await this.#client.delete(resources.pods, key, { gracePeriodSeconds: 0, preconditions: { uid } });
      return undefined;
    }
    const nowMs = this.#clock.now();
    const status =
      step === "complete" ? completedStatus(pod, nowMs) : runningStatus(pod, { ...this.#placeOf(pod), nowMs });
    return this.#client.update(resources.pods, { ...pod, status }, { subresource: "status" });
  }

  #placeOf({ metadata: { uid = "" }, spec }: Pod): { hostIPs: readonly string[]; podIPs: readonly string[] } {
    const nodeName = spec?.nodeName ?? "";
    const hostIPs = this.#places.nodeIPs(nodeName);
    return { hostIPs, podIPs: this.#places.podIPs(nodeName, uid, spec?.hostNetwork ?? false) };
  }

  // --- stages

  #planStage<T extends KubeObject>(
    stages: readonly Stage[],
    resource: Resource<T>,
    object: T,
  ): LifePlan<T> | undefined {
    const stage = chooseStage(stages, object, Math.random());
    if (!stage) return undefined;
    const tools = { client: this.#client, recorder: this.#recorder };
    return {
      delayMs: stage.delayMs(object, this.#clock.now(), Math.random()),
      run: () => playStage(tools, resource, object, stage),
      goesOnAtOnce: stage.immediateNextStage,
    };
  }

  #followStages(): void {
    const change = (apply: () => void) => {
      apply();
      for (const node of this.#nodes.list()) if (isSimulated(node)) this.#nodeLife.ask(node);
      for (const pod of this.#pods.list()) if (pod.spec?.nodeName) this.#podLife.ask(pod);
    };
    const detach = watchStages(this.#options.informers, {
      put: (stage) => change(() => this.#stages.put(stage)),
      remove: (stage) => change(() => this.#stages.remove(stage)),
    });
    this.#detach.push(detach);
  }
}

/** By then the node's lease has been renewed, and who held the pod unready has no reason to any more. */
const recoverMs = 5000;

function nodeOfPod({ spec }: Pod): string[] {
  return spec?.nodeName ? [spec.nodeName] : [];
}
