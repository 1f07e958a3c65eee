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
import {
  checkSchedulerConfiguration,
  createScheduler,
  type Scheduler,
  type SchedulerConfiguration,
} from "#kubernetes/scheduler";
import { createLocalPathProvisioner, type LocalPathProvisioner, pretendedFolders } from "#kubernetes/storage";
import { type Clock, describeError, type Logger, silentLogger, systemClock } from "#shared";

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
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export interface ControlPlane {
  readonly apiServer: ApiServer;
  /** A client with all rights, in the name of the cluster's admin. */
  readonly client: Client;
  /** The names of the controllers that run. */
  readonly controllers: readonly string[];
  /** undefined where none runs. */
  readonly scheduler: Scheduler | undefined;
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
  selectControllers(controllers, settings.controllers ?? ["*"]);
  if (typeof settings.scheduler === "object") checkSchedulerConfiguration(settings.scheduler);
  const apiServer = createApiServer({
    ...settings.apiServer,
    ...(settings.simulation && { explainMissingKubelet: explainSimulated }),
    clock,
    logger: logger.child({ component: "apiserver" }),
  });
  const clientOf = (user: UserInfo, userAgent: string) =>
    createClient({ transport: createDirectTransport(apiServer.handler, user), userAgent });

  const placing = startScheduling(settings.scheduler ?? true, {
    client: clientOf(componentUser("system:kube-scheduler"), "kube-scheduler"),
    clock,
    logger: logger.child({ component: "scheduler" }),
  });
  const manager = clientOf(mightyUser("system:kube-controller-manager"), "kube-controller-manager");
  const informers = createInformerSet(manager, { clock, logger });
  const running = startControllers({
    client: manager,
    clientFor: (account) => clientOf(serviceAccountUser(account), "kube-controller-manager"),
    informers,
    ...(settings.controllers && { names: settings.controllers }),
    ...(settings.controllerSettings && { settings: settings.controllerSettings }),
    clock,
    logger: logger.child({ component: "controllers" }),
  });
  const simulated =
    settings.simulation &&
    createSimulatedNodes({
      removesNotReadyTaint: !running.names.includes("node-lifecycle-controller"),
      ...settings.simulation,
      client: clientOf(mightyUser("system:simulated-nodes"), "kubelet"),
      informers,
      clock,
      logger: logger.child({ component: "simulated-nodes" }),
    });
  const storage =
    simulated && running.names.includes(volumeBinder)
      ? pretendStorage(informers, manager, { clock, logger })
      : undefined;
  storage?.start();
  const nodesReady = simulated?.start() ?? Promise.resolve();
  nodesReady.catch((error: unknown) => logger.debug({ error: describeError(error) }, "simulated nodes did not start"));
  return {
    apiServer,
    client: clientOf(mightyUser("kubernetes-admin"), "slipway"),
    controllers: running.names,
    scheduler: placing?.scheduler,
    nodesReady,
    async addNodes(nodes) {
      if (!simulated) throw new Error("Cannot add nodes: this control plane simulates none");
      await simulated.add(nodes);
    },
    async stop() {
      await placing?.stop();
      await Promise.all([running.stop(), simulated?.stop(), storage?.stop()]);
      await informers.stop();
      await apiServer.stop();
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

interface Scheduling {
  readonly scheduler: Scheduler;
  /** Resolves when nothing of it is running. */
  stop(): Promise<void>;
}

function startScheduling(
  configuration: boolean | SchedulerConfiguration,
  options: { readonly client: Client; readonly clock: Clock; readonly logger: Logger },
): Scheduling | undefined {
  if (configuration === false) return undefined;
  const informers = createInformerSet(options.client, options);
  const config = configuration === true ? {} : configuration;
  const scheduler = createScheduler({ ...options, informers, config });
  scheduler.start();
  return {
    scheduler,
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
