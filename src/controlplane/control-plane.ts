// A control plane in this process: the API server on a store, and whatever of the controllers, the scheduler and simulated nodes is
// wanted, all of which call it as functions. The process of a local cluster (main.ts) and startCluster (src/index.ts) are made of it.

import { resources, type UserInfo } from "#kubernetes/api";
import { type ApiServer, type ApiServerOptions, createApiServer } from "#kubernetes/apiserver";
import {
  type Client,
  createClient,
  createDirectTransport,
  createInformerSet,
  type InformerSet,
} from "#kubernetes/client";
import {
  type ControllerSelection,
  type ControllerSettings,
  controllers,
  selectControllers,
  startControllers,
} from "#kubernetes/controllers";
import {
  createSimulatedNodes,
  explainSimulated,
  isSimulated,
  type SimulatedNode,
  type SimulatedNodesOptions,
} from "#kubernetes/kubelet/simulated";
import { checkSchedulerConfiguration, createScheduler, type SchedulerConfiguration } from "#kubernetes/scheduler";
import { createLocalPathProvisioner, type LocalPathProvisioner, pretendedFolders } from "#kubernetes/storage";
import { type Clock, describeError, type Logger, silentLogger, systemClock } from "#shared";

import type { ComponentMetrics } from "./component-metrics.ts";
import { runElected, type Stoppable } from "./run-elected.ts";

/** Nodes to register at start, if any, and how they and all others that are marked as simulated behave. */
export type SimulationSettings = Omit<SimulatedNodesOptions, "client" | "informers" | "clock" | "logger">;

export interface ControlPlaneSettings {
  readonly apiServer: Omit<ApiServerOptions, "clock" | "logger">;
  /** Upstream's --controllers; an empty list runs none. Default: all that are on by default. */
  readonly controllers?: ControllerSelection;
  readonly controllerSettings?: ControllerSettings;
  /** False: none runs. Default: one as upstream configures it. */
  readonly scheduler?: boolean | SchedulerConfiguration;
  /** Absent: no nodes are simulated, however they are marked. */
  readonly simulation?: SimulationSettings;
  /** Several processes share the store: controllers and scheduler run in one of them at a time. Absent: here, always. */
  readonly leaderElection?: {
    /** Tells this process from the others. */
    readonly identity: string;
  };
  /** What controllers and scheduler report to; the API server's /metrics ends with it. Absent: nobody collects it. */
  readonly metrics?: ComponentMetrics;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export interface ControlPlane {
  readonly apiServer: ApiServer;
  /** A client with all rights, in the name of the cluster's admin. */
  readonly client: Client;
  /** The names of the controllers that run, here or where the lead is. */
  readonly controllers: readonly string[];
  /** Resolves when the simulated nodes are registered; at once where there are none. Rejects when it is stopped before. */
  readonly nodesReady: Promise<void>;
  /** Adds simulated nodes; resolves when they are registered. Throws where no nodes are simulated. */
  addNodes(nodes: readonly SimulatedNode[]): Promise<void>;
  /** Resolves when nothing of it is running. The store stays open: it is the caller's. */
  stop(): Promise<void>;
}

/**
 * Starts it. The API server answers when its `ready` resolves; the others begin by themselves. Throws for an unknown controller, and
 * for a scheduler that is configured wrong.
 */
export function startControlPlane(settings: ControlPlaneSettings): ControlPlane {
  const { clock = systemClock, logger = silentLogger } = settings;
  // What is wrong is refused before anything runs.
  const names = selectControllers(controllers, settings.controllers ?? ["*"]).map(({ name }) => name);
  if (typeof settings.scheduler === "object") checkSchedulerConfiguration(settings.scheduler);
  const { metrics } = settings;
  const apiServer = createApiServer({
    ...settings.apiServer,
    ...(metrics && { otherMetrics: [metrics.text] }),
    ...(settings.simulation && { explainMissingKubelet: explainSimulated }),
    clock,
    logger: logger.child({ component: "apiserver" }),
  });
  const clientOf: ClientOf = (user, userAgent) => {
    const transport = createDirectTransport(apiServer.handler, user);
    return createClient({ transport: metrics ? metrics.measure(transport) : transport, userAgent });
  };
  const parts: Parts = { settings, clientOf, clock, logger };

  const scheduling = runOne("kube-scheduler", parts, () => startScheduling(parts));
  const managing = runOne("kube-controller-manager", parts, () => startManager(parts));
  const simulation = settings.simulation && startSimulation(settings.simulation, names, parts);
  const nodesReady = simulation?.ready ?? Promise.resolve();
  nodesReady.catch((error: unknown) => logger.debug({ error: describeError(error) }, "simulated nodes did not start"));
  return {
    apiServer,
    client: clientOf(mightyUser("kubernetes-admin"), "slipway"),
    controllers: names,
    nodesReady,
    async addNodes(nodes) {
      if (!simulation) throw new Error("Cannot add nodes: this control plane simulates none");
      await simulation.add(nodes);
    },
    async stop() {
      await scheduling.stop();
      await Promise.all([managing.stop(), simulation?.stop()]);
      await apiServer.stop();
    },
  };
}

type ClientOf = (user: UserInfo, userAgent: string) => Client;

interface Parts {
  readonly settings: ControlPlaneSettings;
  readonly clientOf: ClientOf;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Starts it here; or, where several processes share the data, in whichever of them leads. */
function runOne(name: string, { settings, clientOf, clock, logger }: Parts, start: () => Stoppable): Stoppable {
  const { leaderElection } = settings;
  if (!leaderElection) return start();
  const client = clientOf(mightyUser(`system:${name}`), name);
  return runElected(start, { client, name, identity: leaderElection.identity, clock, logger });
}

function startManager({ settings, clientOf, clock, logger }: Parts): Stoppable {
  const client = clientOf(mightyUser("system:kube-controller-manager"), "kube-controller-manager");
  const informers = createInformerSet(client, { clock, logger });
  const running = startControllers({
    client,
    clientFor: (account) => clientOf(serviceAccountUser(account), "kube-controller-manager"),
    informers,
    ...(settings.controllers && { names: settings.controllers }),
    ...(settings.controllerSettings && { settings: settings.controllerSettings }),
    ...(settings.metrics && { queueMetrics: settings.metrics.queueMetrics, metrics: settings.metrics.controllers }),
    clock,
    logger: logger.child({ component: "controllers" }),
  });
  const note = (isRunning: boolean) => {
    for (const name of running.names) settings.metrics?.noteRunning(name, "kube-controller-manager", isRunning);
  };
  note(true);
  return {
    async stop() {
      await running.stop();
      note(false);
      await informers.stop();
    },
  };
}

interface Simulation extends Stoppable {
  readonly ready: Promise<void>;
  add(nodes: readonly SimulatedNode[]): Promise<void>;
}

function startSimulation(
  simulation: SimulationSettings,
  controllerNames: readonly string[],
  { clientOf, clock, logger }: Parts,
): Simulation {
  const client = clientOf(mightyUser("system:simulated-nodes"), "kubelet");
  const informers = createInformerSet(client, { clock, logger });
  const nodes = createSimulatedNodes({
    removesNotReadyTaint: !controllerNames.includes("node-lifecycle-controller"),
    ...simulation,
    client,
    informers,
    clock,
    logger: logger.child({ component: "simulated-nodes" }),
  });
  const hasVolumes = controllerNames.includes(volumeBinder);
  const storage = hasVolumes ? pretendStorage(informers, client, { clock, logger }) : undefined;
  storage?.start();
  const ready = nodes.start();
  informers.start();
  return {
    ready,
    add: (added) => nodes.add(added),
    async stop() {
      await Promise.all([nodes.stop(), storage?.stop()]);
      await informers.stop();
    },
  };
}

/** Without it volumes would be of no use. */
const volumeBinder = "persistentvolume-binder-controller";

/** Claims of pods on simulated nodes get volumes as well, with nothing behind them. */
function pretendStorage(
  informers: InformerSet,
  client: Client,
  options: { readonly clock: Clock; readonly logger: Logger },
): LocalPathProvisioner {
  const nodes = informers.informer(resources.nodes);
  const hostnameOf = (name: string) => {
    const node = nodes.get({ name });
    return node && isSimulated(node) ? name : undefined;
  };
  return createLocalPathProvisioner({
    client,
    informers,
    hostnameOf,
    isOurHostname: (hostname) => hostnameOf(hostname) !== undefined,
    folders: pretendedFolders,
    ...options,
  });
}

function startScheduling({ settings, clientOf, clock, logger: parent }: Parts): Stoppable {
  const { scheduler: configuration = true } = settings;
  if (configuration === false) return { stop: async () => {} };
  const logger = parent.child({ component: "scheduler" });
  const client = clientOf(componentUser("system:kube-scheduler"), "kube-scheduler");
  const informers = createInformerSet(client, { clock, logger });
  const config = configuration === true ? {} : configuration;
  const { metrics } = settings;
  const scheduler = createScheduler({
    client,
    informers,
    config,
    clock,
    logger,
    ...(metrics && { metrics: metrics.scheduler }),
  });
  metrics?.watchPending(() => scheduler.pending);
  scheduler.start();
  return {
    async stop() {
      await scheduler.stop();
      await informers.stop();
    },
  };
}

/** A component that upstream gives many roles; here it is a part of the same process. */
function mightyUser(name: string): UserInfo {
  return { name, groups: ["system:masters", "system:authenticated"] };
}

/** A component with the rights its role gives it. */
function componentUser(name: string): UserInfo {
  return { name, groups: ["system:authenticated"] };
}

/** Each controller acts as its own service account, with the rights of its own role, as upstream's do. */
function serviceAccountUser(account: string): UserInfo {
  return {
    name: `system:serviceaccount:kube-system:${account}`,
    groups: ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"],
  };
}
