// A control plane for tests: the real API server on a memory store, in this process, and the controllers and the scheduler one asks
// for, each acting as its own account under RBAC. Nothing is faked but, where wanted, the clock.

import { type KubeObject, type Resource, resources } from "#kubernetes/api";
import { type ApiServer, createApiServer } from "#kubernetes/apiserver";
import {
  type Client,
  createClient,
  createDirectTransport,
  createInformerSet,
  type InformerSet,
  type Transport,
} from "#kubernetes/client";
import { type ControllerMetrics, type ControllerSettings, startControllers } from "#kubernetes/controllers";
import { createScheduler, type SchedulerConfiguration } from "#kubernetes/scheduler";
import { type HistoryLimits, openMemoryStore } from "#kubernetes/store";
import { type Clock, type Logger, silentLogger, systemClock } from "#shared";

export interface TestClusterOptions {
  readonly clock?: Clock;
  /** As --controllers; the one that makes service accounts always runs, since no pod can be without. */
  readonly controllers?: readonly string[];
  readonly settings?: ControllerSettings;
  /** What the controllers report to. Default: nothing is kept. */
  readonly metrics?: ControllerMetrics;
  /** {}: as upstream configures it. Default: none. */
  readonly scheduler?: SchedulerConfiguration;
  /** How much of the past watches can begin in. Default: the store's. */
  readonly history?: HistoryLimits;
  readonly logger?: Logger;
  /** What aggregated servers answer, by the path and its query; undefined: that is no path of theirs. */
  readonly aggregated?: (path: string) => object | undefined;
}

/** Ends with `await using`. */
export interface TestCluster extends AsyncDisposable {
  readonly server: ApiServer;
  /** Acts as system:masters. */
  readonly client: Client;
  /** The test's own copies, which the controllers do not share. */
  readonly informers: InformerSet;
  /**
   * Resolves as soon as the objects of a resource are as `check` wants them, with those objects. They are not while it answers
   * nothing or false, or throws, as an assertion does. Fails with the last of that after a while.
   */
  until<T extends KubeObject>(resource: Resource<T>, check: (objects: readonly T[]) => unknown): Promise<readonly T[]>;
  /** Resolves when nothing has been written for a while in which everything had a chance to. */
  rest(): Promise<void>;
}

/** Bearers of this are system:masters. */
export const adminToken = "admin-token";
/** Bearers of this have the rights of the scheduler's role. */
export const schedulerToken = "scheduler-token";

const patienceMs = 60_000;

export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { clock = systemClock, controllers = [], settings = {}, logger = silentLogger } = options;
  const store = openMemoryStore({ clock, freeze: true, ...(options.history && { history: options.history }) });
  const server = createApiServer({
    store,
    clock,
    logger,
    tokens: {
      [adminToken]: { name: "admin", groups: ["system:masters"] },
      [schedulerToken]: { name: "system:kube-scheduler", groups: [] },
    },
    ...(settings.serviceAccountKey !== undefined && {
      serviceAccounts: { signingKey: settings.serviceAccountKey },
    }),
  });
  await server.ready;
  const clientAs = (name: string, ...groups: string[]) =>
    createClient({
      transport: withAggregated(
        createDirectTransport(server.handler, { name, groups: [...groups, "system:authenticated"] }),
        options.aggregated,
      ),
      userAgent: name.split(":").at(-1) ?? name,
    });
  const client = clientAs("admin", "system:masters");
  const informers = createInformerSet(client, { clock, logger });
  informers.start();
  const shared = createInformerSet(clientAs("system:kube-controller-manager"), { clock, logger });
  const running = startControllers({
    client,
    clientFor: (account) =>
      clientAs(
        `system:serviceaccount:kube-system:${account}`,
        "system:serviceaccounts",
        "system:serviceaccounts:kube-system",
      ),
    informers: shared,
    names: ["serviceaccount", ...controllers],
    ...(options.metrics && { metrics: options.metrics }),
    settings,
    clock,
    logger,
  });
  const scheduling = options.scheduler && startScheduler(clientAs("system:kube-scheduler"), options.scheduler, options);
  await until(informers, resources.serviceAccounts, (accounts) =>
    accounts.some(({ metadata }) => metadata.namespace === "default"),
  );
  return {
    server,
    client,
    informers,
    until: (resource, check) => until(informers, resource, check),
    async rest() {
      for (let before = "", now = await latest(client); before !== now; now = await latest(client)) {
        before = now;
        await turns(100);
      }
    },
    async [Symbol.asyncDispose]() {
      await scheduling?.stop();
      await running.stop();
      await Promise.all([shared.stop(), informers.stop()]);
      await server.stop();
      await store.close();
    },
  };
}

function startScheduler(client: Client, config: SchedulerConfiguration, options: TestClusterOptions) {
  const { clock = systemClock, logger = silentLogger } = options;
  const informers = createInformerSet(client, { clock, logger });
  const scheduler = createScheduler({ client, informers, config, clock, logger });
  scheduler.start();
  return {
    async stop() {
      await scheduler.stop();
      await informers.stop();
    },
  };
}

function withAggregated(transport: Transport, aggregated: TestClusterOptions["aggregated"]): Transport {
  if (!aggregated) return transport;
  return {
    async request(request) {
      const query = request.query.toString();
      const object = aggregated(query === "" ? request.path : `${request.path}?${query}`);
      return object ? { kind: "object", status: 200, object } : transport.request(request);
    },
    close: () => transport.close(),
  };
}

/** The store's revision. */
async function latest(client: Client): Promise<string> {
  return (await client.list(resources.namespaces, { limit: 1 })).resourceVersion;
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function until<T extends KubeObject>(
  informers: InformerSet,
  resource: Resource<T>,
  check: (objects: readonly T[]) => unknown,
): Promise<readonly T[]> {
  const informer = informers.informer(resource);
  await informer.synced();
  return new Promise((resolve, reject) => {
    let problem: unknown;
    const look = () => {
      try {
        const objects = informer.list();
        if (!check(objects)) {
          problem = new Error(`${resource.resource} never were as wanted: ${JSON.stringify(objects, null, 1)}`);
          return;
        }
        end();
        resolve(objects);
      } catch (error) {
        problem = error;
      }
    };
    const remove = informer.addHandler({ added: look, updated: look, deleted: look });
    const timer = setTimeout(() => {
      end();
      reject(problem);
    }, patienceMs);
    const end = () => {
      clearTimeout(timer);
      remove();
    };
    look();
  });
}
