// The service proxy of a node: keeps the kernel's rules in step with services and their endpoints, as kube-proxy does in its
// nftables mode.

import type { InformerSet } from "#kubernetes/client";
import type { SeriesRecorder } from "#kubernetes/runtime";
import {
  type Clock,
  type Exec,
  type ListenAddress,
  type Logger,
  exec as runProgram,
  type SmallServer,
  silentLogger,
  systemClock,
} from "#shared";
import { createFlowCleaner } from "./conntrack/clean-flows.ts";
import { FlowSweep } from "./conntrack/flow-sweep.ts";
import { type ProxyHealth, ProxyHealthKeeper } from "./health/proxy-health.ts";
import { type MetricsServerOptions, startProxyServers } from "./health/proxy-servers.ts";
import { ServiceHealthServer } from "./health/service-health.ts";
import { noProxyMetrics, type ProxyMetrics } from "./metrics.ts";
import { familyOf, type IPFamily, ipFamilies } from "./nft/family.ts";
import { createNft, describeRefusal } from "./nft/nft.ts";
import { localAddressesIn } from "./node-addresses.ts";
import { fullSyncMs } from "./services/apply.ts";
import type { ProxySettings } from "./services/fixed-rules.ts";
import { NodeView } from "./services/node-view.ts";
import { ServiceRules } from "./services/service-rules.ts";
import { servicesToCheck, udpServices } from "./services/summaries.ts";
import { WatchedServices } from "./services/watched-services.ts";
import { createSyncRunner, type SyncRunner } from "./sync-runner.ts";

export interface ProxyOptions {
  readonly nodeName: string;
  /** Of an identity with the rights of system:node-proxier. The set is started and stopped by whoever made it. */
  readonly informers: InformerSet;
  /** Where pods' addresses come from: others that use a service's cluster address are masqueraded. */
  readonly clusterCIDRs: readonly string[];
  /** Whether all that goes to a service's cluster address is masqueraded. Default false. */
  readonly masqueradeAll?: boolean;
  /** Ranges of this machine's addresses at which node ports are served. Default: all its addresses but the loopback's. */
  readonly nodePortAddresses?: readonly string[];
  /** Where /healthz and /livez are served (upstream: 0.0.0.0:10256). Default: nowhere. */
  readonly healthAddress?: ListenAddress;
  /** Where /metrics and /proxyMode are served (upstream: 127.0.0.1:10249). Default: nowhere. */
  readonly metricsServer?: MetricsServerOptions;
  readonly metrics?: ProxyMetrics;
  /** Tells of the node. Default: nobody. */
  readonly events?: SeriesRecorder;
  /** Runs nft and conntrack, in this process's network namespace. */
  readonly exec?: Exec;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export interface StopOptions {
  /** What was made in the kernel stays and goes on working until the next start takes it over. Default false. */
  readonly keep?: boolean;
}

export interface ServiceProxy {
  /** Begins; resolves when the rules for all services there are have reached the kernel. Rejects only when stopped before. */
  start(): Promise<void>;
  health(): ProxyHealth;
  /** Why the kernel's rules are not what they should be; undefined: they are. */
  readonly problem: string | undefined;
  /** Resolves when nothing is running any more and, unless told to keep them, the rules are gone. */
  stop(options?: StopOptions): Promise<void>;
}

export function createProxy(options: ProxyOptions): ServiceProxy {
  return new NftablesProxy(options);
}

/** Of an event's note; the API takes no longer ones. */
const longestNote = 1000;

class NftablesProxy implements ServiceProxy {
  readonly #options: ProxyOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: ProxyMetrics;
  readonly #keeper: ProxyHealthKeeper;
  readonly #rules: ServiceRules;
  readonly #healthChecks: ServiceHealthServer;
  readonly #flows: FlowSweep;
  readonly #sync: SyncRunner;
  readonly #stopping = new AbortController();
  readonly #firstRun = Promise.withResolvers<void>();
  /** Set by `start`. */
  #watched!: WatchedServices;
  #view!: NodeView;
  #servers: SmallServer[] = [];
  /** Services have been heard of, but perhaps not all: rules made now would cut off those that are missing. */
  #isGathering = true;
  #cancelFullSync = () => {};

  constructor(options: ProxyOptions) {
    const { exec = runProgram, clock = systemClock, logger = silentLogger, metrics = noProxyMetrics } = options;
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#metrics = metrics;
    this.#keeper = new ProxyHealthKeeper(clock);
    this.#rules = new ServiceRules({
      nft: createNft(exec),
      clock,
      metrics,
      onApplied: (family) => this.#keeper.updated(family),
      onRefused: (family, error) => this.#tellOfRefusal(family, error),
      onCleanupFailure: (family, error) => this.#tellOfCleanup(family, error),
    });
    this.#healthChecks = new ServiceHealthServer({
      isProxyHealthy: () => this.#keeper.health().healthy,
      onListenFailure: (service, port, error) => this.#tellOfTakenPort(service, port, error),
    });
    this.#flows = new FlowSweep({
      cleaner: createFlowCleaner(exec, logger),
      clock,
      metrics,
      servicesOf: (key, family) => this.#udpServicesOf(key, family),
    });
    this.#sync = createSyncRunner({ clock, run: (signal) => this.#run(signal), onFailure() {} });
    this.#firstRun.promise.catch(() => {});
  }

  get problem(): string | undefined {
    return this.#keeper.problem;
  }

  health(): ProxyHealth {
    return this.#keeper.health();
  }

  async start(): Promise<void> {
    const { nodeName, informers, healthAddress, metricsServer } = this.#options;
    const { signal } = this.#stopping;
    this.#watched = new WatchedServices({
      informers,
      metrics: this.#metrics,
      startedAt: this.#clock.now(),
      onChange: () => this.#request(),
    });
    this.#view = new NodeView({
      nodeName,
      informers,
      onPlaceChange: () => this.#lookAtAll(),
      onSettingsChange: () => this.#rewrite(),
    });
    this.#tellOfNode("Normal", "Starting", "StartKubeProxy", "");
    this.#servers = await startProxyServers({
      healthAddress,
      metricsServer,
      keeper: this.#keeper,
      metrics: this.#metrics,
      logger: this.#logger,
      node: () => this.#view.node,
    });
    await Promise.all([this.#watched.synced(signal), this.#view.synced(signal)]);
    this.#isGathering = false;
    this.#scheduleFullSync();
    this.#request();
    await this.#firstRun.promise;
  }

  async stop({ keep = false }: StopOptions = {}): Promise<void> {
    const reason = new Error("Cannot wait for the proxy: it has been stopped");
    this.#stopping.abort(reason);
    this.#firstRun.reject(reason);
    this.#cancelFullSync();
    this.#watched?.stop();
    this.#view?.stop();
    const servers = this.#servers.map((server) => server.stop());
    await Promise.all([this.#sync.stop(), this.#flows.stop(), this.#healthChecks.stop(), ...servers]);
    if (!keep) await this.#rules.remove();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const changes = this.#watched.take();
    const settingsOf = (family: IPFamily) => this.#settingsOf(family);
    const input = { watched: this.#watched, place: this.#view.place, settingsOf, signal };
    this.#flows.request(await this.#rules.run(changes, input));
    const slicesOf = (key: string) => this.#watched.slices(key);
    this.#healthChecks.update(servicesToCheck(this.#watched.all(), slicesOf, this.#options.nodeName));
    this.#firstRun.resolve();
  }

  #settingsOf(family: IPFamily): ProxySettings {
    const { clusterCIDRs, masqueradeAll = false, nodePortAddresses } = this.#options;
    return {
      family,
      clusterCIDRs: clusterCIDRs.filter((range) => familyOf(range) === family),
      masqueradeAll,
      serviceCIDRs: this.#view.serviceCIDRsIn(family),
      nodePortAddresses: nodePortAddresses && localAddressesIn(nodePortAddresses, family),
      nodeAddress: this.#view.addressIn(family),
    };
  }

  #udpServicesOf(key: string, family: IPFamily) {
    const service = this.#watched.service(key);
    const { nodeName } = this.#options;
    return service ? udpServices(service, this.#watched.slices(key), { family, nodeName }) : [];
  }

  #request(): void {
    if (this.#isGathering) return;
    for (const family of ipFamilies) {
      this.#keeper.queued(family);
      this.#metrics.queued(family, this.#clock.now());
    }
    this.#sync.request();
  }

  #lookAtAll(): void {
    this.#watched.markAll();
    this.#request();
  }

  #rewrite(): void {
    this.#rules.invalidate();
    this.#request();
  }

  #scheduleFullSync(): void {
    this.#cancelFullSync = this.#clock.after(fullSyncMs, () => {
      this.#request();
      this.#scheduleFullSync();
    });
  }

  #tellOfRefusal(family: IPFamily, error: unknown): void {
    const problem = `Cannot write the rules of ${family} services: ${describeRefusal(error)}`;
    this.#logger.error(problem);
    const isNews = this.#keeper.problem === undefined;
    this.#keeper.failed(problem);
    if (isNews) this.#tellOfNode("Warning", "ProxyRulesFailed", "SyncProxyRules", problem);
  }

  #tellOfCleanup(family: IPFamily, error: unknown): void {
    this.#metrics.cleanupFailed(family);
    this.#logger.warn(`Cannot delete unused chains of ${family} services: ${describeRefusal(error)}`);
  }

  #tellOfTakenPort(service: string, port: number, error: Error): void {
    const { nodeName, events } = this.#options;
    const note = `node ${nodeName} failed to start healthcheck "${service}" on port ${port}: ${error.message}`;
    this.#logger.error(note);
    const [namespace = "", name = ""] = service.split("/");
    const regarding = { apiVersion: "v1", kind: "Service", namespace, name };
    events?.record({ regarding, type: "Warning", reason: "FailedToStartServiceHealthcheck", action: "Listen", note });
  }

  #tellOfNode(type: "Normal" | "Warning", reason: string, action: string, note: string): void {
    const { nodeName, events } = this.#options;
    const regarding = { kind: "Node", name: nodeName, uid: nodeName };
    events?.record({ regarding, type, reason, action, note: note.slice(0, longestNote) });
  }
}
