// The node agent: puts the parts together, feeds them the pods the API server gives to this node, and takes them down in order.

import { join } from "node:path";
import { resources, type Service } from "#kubernetes/api";
import { createInformerSet, type InformerSet } from "#kubernetes/client";
import { createEventRecorder, type EventRecorder } from "#kubernetes/runtime";
import { type Clock, type Logger, silentLogger, systemClock } from "#shared";
import { type CriClient, connectCri } from "./cri/cri-client.ts";
import type { CriAnswer } from "./cri/protocol.ts";
import { createImagePuller } from "./images/image-puller.ts";
import { createNodeAgent, type NodeAgent, nodeReference } from "./node/node-agent.ts";
import { createNodeState, type NodeState } from "./node/node-state.ts";
import { createWatchedObjects } from "./objects/watched-objects.ts";
import type { KubeletOptions } from "./options.ts";
import { toBoundPod } from "./pod/bound-pod.ts";
import { memoryOf } from "./pod/resources.ts";
import { createPodEvents } from "./pod-events.ts";
import { admitPod } from "./pods/admission.ts";
import { createNodePodHost } from "./pods/node-pod-host.ts";
import type { WorkerTools } from "./pods/pod-worker.ts";
import { createPodWorkers, type PodWorkers } from "./pods/pod-workers.ts";
import { watchRuntime } from "./pods/runtime-watch.ts";
import { createProbeManager } from "./probes/probe-manager.ts";
import type { VerdictChange } from "./probes/verdict-store.ts";
import { Backoff, restartBackoff } from "./runtime/backoff.ts";
import { readMachineFacts } from "./runtime/machine.ts";
import { createPodCgroups } from "./runtime/pod-cgroups.ts";
import { createRuntimeClasses } from "./runtime/runtime-classes.ts";
import { applyReadiness, applyStartup } from "./status/apply-verdict.ts";
import { sortByFamily, withSandbox } from "./status/pod-status.ts";
import { createStatusKeeper, type StatusKeeper } from "./status/status-keeper.ts";
import { resolveVolume } from "./volumes/claims.ts";
import { createEmptyDirPlugin } from "./volumes/empty-dir.ts";
import { hostPathPlugin } from "./volumes/host-path.ts";
import { createLocalVolumePlugin } from "./volumes/local-volume.ts";
import { createSystemMounter } from "./volumes/mounter.ts";
import { createPayloadPlugins } from "./volumes/payload-volume.ts";
import { createTokenSource } from "./volumes/token-source.ts";
import { createVolumeManager } from "./volumes/volume-manager.ts";

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

  constructor(options: KubeletOptions) {
    const { clock = systemClock, logger = silentLogger, client, nodeName } = options;
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#cri = connectCri(options.runtimeSocket);
    this.#informers = createInformerSet(client, { clock, logger });
    this.#recorder = createEventRecorder({ client, component: "kubelet", host: nodeName, clock, logger });
  }

  async start(): Promise<void> {
    const version = await this.#waitForRuntime();
    const state = await createNodeState(this.#options, this.#cri, version);
    this.#recorder.normal(nodeReference(this.#options.nodeName), "Starting", "Starting kubelet.");
    this.#stops.push(
      async () => this.#cri.close(),
      () => this.#recorder.stop(),
      () => this.#informers.stop(),
    );
    const { tools, statuses } = this.#makeTools(state, version);
    const workers = createPodWorkers({
      tools,
      admit: (pod, others) => admitPod({ pod, others, allocatable: state.allocatable, node: state.node() }),
    });
    this.#workers = workers;
    this.#stops.push(
      () => statuses.stop(),
      () => workers.stop(),
    );
    const agent = this.#makeAgent(state);
    await agent.start();
    this.#stops.push(() => agent.stop());
    await this.#followPods(workers, statuses, state, agent);
    this.#followRuntime(workers, version);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const stop of this.#stops.reverse()) await stop();
    this.#stops.length = 0;
  }

  #workers: PodWorkers | undefined;

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

  #makeTools(
    state: NodeState,
    version: CriAnswer<"VersionResponse">,
  ): { tools: Omit<WorkerTools, "onFinished">; statuses: StatusKeeper } {
    const { client, rootFolder, podLogsFolder, nodeName } = this.#options;
    const options = this.#options;
    const cri = this.#cri;
    const clock = this.#clock;
    const logger = this.#logger;
    const pods = this.#informers.informer(resources.pods, { fieldSelector: `spec.nodeName=${nodeName}` });
    pods.addIndex("uid", ({ metadata: { uid = "" } }) => [uid]);
    const events = createPodEvents(this.#recorder);
    const machine = readMachineFacts();
    const mounter = createSystemMounter();
    const statuses = createStatusKeeper({
      client,
      clock,
      logger,
      podOf: (uid) => {
        const [pod] = pods.byIndex("uid", uid);
        return pod && toBoundPod(pod);
      },
      mayStillRun: (uid) => {
        const work = this.#workers?.get(uid)?.work.state;
        return work === "syncing" || work === "terminating";
      },
      onChange: (uid) => probes.notify(uid),
    });
    const probes = createProbeManager({
      clock,
      cri,
      events,
      statusOf: (uid) => statuses.get(uid),
      onChange: (change) => this.#applyVerdict(change, statuses),
    });
    this.#stops.push(() => probes.stop());
    const objects = createWatchedObjects({
      client,
      clock,
      logger,
      onChange: (uid) => this.#workers?.get(uid)?.refreshVolumes(),
    });
    this.#stops.push(() => objects.stop());
    const tokens = createTokenSource(client, clock, logger);
    const allocatable = () => state.allocatable;
    const plugins = [
      createEmptyDirPlugin({ mounter, allocatable }),
      hostPathPlugin,
      createLocalVolumePlugin(mounter),
      ...createPayloadPlugins({
        mounter,
        memoryLimit: () => memoryOf(state.allocatable),
        sources: {
          configMap: (pod, name) => objects.configMap(pod.metadata.namespace, name),
          secret: (pod, name) => objects.secret(pod.metadata.namespace, name),
          token: (pod, projection) => tokens.token(pod, projection),
          addressesOf: ({ metadata: { uid } }) => ({
            podIPs: statuses.get(uid)?.podIPs?.map(({ ip = "" }) => ip) ?? [],
            hostIPs: state.hostIPs,
          }),
          allocatable,
        },
      }),
    ];
    const volumes = createVolumeManager({
      plugins,
      mounter,
      podsFolder: join(rootFolder, "pods"),
      clock,
      events,
      logger,
      resolve: (pod, volume) => resolveVolume(client, pod, volume),
    });
    const cgroups = createPodCgroups({ root: options.cgroupRoot ?? "/", version: machine.cgroupVersion, logger });
    const images = createImagePuller({
      cri,
      clock,
      ...(options.registryAuthFile !== undefined && { registryAuthFile: options.registryAuthFile }),
    });
    const supportsRecursiveReadOnly = state.supportsRecursiveReadOnly;
    const host = createNodePodHost({
      rootFolder,
      podLogsFolder,
      dns: { clusterDns: options.clusterDns ?? [], clusterDomain: options.clusterDomain ?? "cluster.local" },
      resolverConfig: options.resolverConfig ?? "/etc/resolv.conf",
      events,
      cgroups,
      runtimeClasses: createRuntimeClasses(client),
      objects,
      volumes,
      mounter,
      images,
      services: this.#serviceLister(),
      hostIPs: () => state.hostIPs,
      allocatable,
      supportsRecursiveReadOnly,
    });
    const tools: Omit<WorkerTools, "onFinished"> = {
      cri,
      clock,
      logger,
      events,
      host,
      images,
      machine,
      statuses,
      probes,
      volumes,
      objects,
      tokens,
      cgroups,
      podLogsFolder,
      containerLogLinks: options.containerLogLinks,
      runtimeName: version.runtimeName,
      backoff: new Backoff(restartBackoff, clock),
      security: { seccompFolder: join(rootFolder, "seccomp"), thermalPaths: machine.thermalPaths },
      networkProblem: () => state.health().networkProblem ?? state.health().runtimeProblem,
      hostIPs: () => state.hostIPs,
      supportsRecursiveReadOnly,
      onSandboxReady: (pod, podIPs) => {
        const status = statuses.get(pod.metadata.uid);
        if (status) statuses.set(pod, withSandbox(status, sortByFamily(podIPs, state.hostIPs)));
      },
    };
    return { tools, statuses };
  }

  /** All services, or undefined while they are not known. */
  #serviceLister(): () => readonly Service[] | undefined {
    const services = this.#informers.informer(resources.services);
    return () => (services.hasSynced ? services.list() : undefined);
  }

  #applyVerdict({ type, podUid, containerId, verdict }: VerdictChange, statuses: StatusKeeper): void {
    const worker = this.#workers?.get(podUid);
    const status = statuses.get(podUid);
    if (!worker?.pod || !status) return;
    const isWell = verdict === "success";
    const next =
      type === "readiness"
        ? applyReadiness(worker.pod, status, containerId, isWell)
        : type === "startup"
          ? applyStartup(worker.pod, status, containerId, isWell)
          : undefined;
    if (next) statuses.set(worker.pod, next);
    if (type !== "liveness" || verdict === "failure") worker.wake();
  }

  #makeAgent(state: NodeState): NodeAgent {
    const { client, nodeName, labels = {}, taints = [], providerID } = this.#options;
    const port = this.#options.server?.port ?? 10250;
    return createNodeAgent({
      client,
      clock: this.#clock,
      logger: this.#logger,
      recorder: this.#recorder,
      identity: { name: nodeName, labels, taints: [...taints], providerID },
      look: (signal) => state.look(port, { memory: false, disk: false, pid: false }, signal),
      onNode: (node) => state.setNode(node),
    });
  }

  /** From here on the API server says which pods there are to be. */
  async #followPods(workers: PodWorkers, statuses: StatusKeeper, state: NodeState, agent: NodeAgent): Promise<void> {
    const { nodeName } = this.#options;
    const pods = this.#informers.informer(resources.pods, { fieldSelector: `spec.nodeName=${nodeName}` });
    const nodes = this.#informers.informer(resources.nodes, { fieldSelector: `metadata.name=${nodeName}` });
    nodes.addHandler({
      added: (node) => state.setNode(node),
      updated: (node) => state.setNode(node),
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
    const known = () => new Set(pods.list().map(({ metadata: { uid = "" } }) => uid));
    this.#known = known;
    await workers.sweep(known());
  }

  #known: () => ReadonlySet<string> = () => new Set();

  #followRuntime(workers: PodWorkers, { runtimeName }: CriAnswer<"VersionResponse">): void {
    const watching = watchRuntime(
      {
        cri: this.#cri,
        socket: this.#options.runtimeSocket,
        runtimeName,
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
