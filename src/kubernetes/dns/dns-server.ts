// The DNS server of a node: answers names of the cluster from what informers know, sends all others on, and says in an endpoint
// slice of the DNS service that it is there.

import type { Client, InformerSet } from "#kubernetes/client";
import type { Controller } from "#kubernetes/runtime";
import {
  type Clock,
  describeError,
  type ListenAddress,
  type Logger,
  type SmallServer,
  serveSmall,
  silentLogger,
  systemClock,
} from "#shared";
import type { ServedService } from "./endpoints/plan-slice.ts";
import { createSlicePublisher } from "./endpoints/publish-slice.ts";
import { type DnsMetrics, noDnsMetrics } from "./metrics.ts";
import { type Listener, listen } from "./server/listeners.ts";
import { createQueryHandler } from "./server/query-handler.ts";
import { Forwarder } from "./upstream/forwarder.ts";
import { createResolverFile, type Server } from "./upstream/resolver-file.ts";
import { WatchedCluster } from "./watched-cluster.ts";

export interface DnsServerOptions {
  readonly nodeName: string;
  /** Of an identity that may list and watch services, endpoint slices, namespaces and this node. Started by whoever made it. */
  readonly informers: InformerSet;
  /** Of an identity that may apply endpoint slices of the service. */
  readonly client: Client;
  /** The cluster's domain, "cluster.local". */
  readonly domain: string;
  /** Where to listen. Port 0 is any free one. */
  readonly listen: ListenAddress;
  /** How others reach it. Default: the address it listens at. */
  readonly advertisedAddress?: string;
  /** Names the servers to ask for names outside. Default: /etc/resolv.conf. */
  readonly resolverFile?: string;
  /** Servers that must not be asked, as they are this one: by other addresses than it listens at. Default: none. */
  readonly ownAddresses?: readonly string[];
  /** The service that this server is an endpoint of. Default: kube-system/kube-dns. */
  readonly service?: ServedService;
  /** How long clients may keep records, in seconds. Default: 30. */
  readonly ttl?: number;
  /** Where metrics are served at /metrics (upstream: 9153). Default: nowhere. */
  readonly metricsServer?: ListenAddress & { render(): Promise<string> };
  readonly metrics?: DnsMetrics;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export interface DnsServer {
  /** Resolves when it listens. Throws where it cannot. */
  start(): Promise<void>;
  /** Where it listens. */
  readonly port: number;
  /** Resolves when all names of the cluster are known; until then some are answered with SERVFAIL. */
  synced(): Promise<void>;
  /** The slice stays: the address will answer again, or the node will go. */
  stop(): Promise<void>;
}

/** That a name does not exist may change at any moment. */
const negativeTtl = 5;

export function createDnsServer(options: DnsServerOptions): DnsServer {
  return new NodeDnsServer(options);
}

class NodeDnsServer implements DnsServer {
  readonly #options: DnsServerOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #cluster: WatchedCluster;
  readonly #forwarder: Forwarder;
  readonly #stopping = new AbortController();
  #listener: Listener | undefined;
  #metricsServer: SmallServer | undefined;
  #publisher: Controller | undefined;

  constructor(options: DnsServerOptions) {
    const { informers, clock = systemClock, logger = silentLogger, metrics = noDnsMetrics } = options;
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#cluster = new WatchedCluster(informers, clock);
    const found = createResolverFile(options.resolverFile ?? "/etc/resolv.conf", clock);
    this.#forwarder = new Forwarder({
      servers: () => found().filter((server) => !this.#isOwn(server)),
      clock,
      metrics,
      logger,
    });
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  async start(): Promise<void> {
    const { domain, ttl = 30, metrics = noDnsMetrics } = this.#options;
    const handle = createQueryHandler({
      zone: { domain, ttl, negativeTtl: Math.min(ttl, negativeTtl), nameServer: this.#service },
      view: this.#cluster,
      metrics,
      askOutside: (question) => this.#forwarder.ask(question),
    });
    const { host, port } = this.#options.listen;
    this.#listener = await listen({ address: host, port, handle });
    await this.#serveMetrics();
    this.#publish(this.#listener.port);
    this.#logger.info({ address: host, port: this.#listener.port }, "DNS server listens");
  }

  synced(): Promise<void> {
    return this.#cluster.synced(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error("Cannot wait for the DNS server: it has been stopped"));
    this.#cluster.stop();
    await Promise.all([
      this.#listener?.stop(),
      this.#metricsServer?.stop(),
      this.#publisher?.stop(),
      this.#forwarder.stop(),
    ]);
  }

  get #service(): ServedService {
    return this.#options.service ?? { namespace: "kube-system", name: "kube-dns" };
  }

  #isOwn({ address, port }: Server): boolean {
    const { listen: own, ownAddresses = [] } = this.#options;
    return ownAddresses.includes(address) || (address === own.host && port === this.port);
  }

  /** A server whose metrics cannot be had still answers. */
  async #serveMetrics(): Promise<void> {
    const { metricsServer } = this.#options;
    if (!metricsServer) return;
    try {
      this.#metricsServer = await serveSmall(metricsServer, {
        "/metrics": async () => ({ type: "text/plain", body: await metricsServer.render() }),
      });
    } catch (error) {
      this.#logger.error(describeError(error));
    }
  }

  /** Only once all names are known: before, other nodes' servers answer better. */
  #publish(dnsPort: number): void {
    const { nodeName, client, informers, listen: own, advertisedAddress = own.host } = this.#options;
    const metricsPort = this.#metricsServer?.port;
    const endpoint = {
      service: this.#service,
      address: advertisedAddress,
      dnsPort,
      ...(metricsPort !== undefined && { metricsPort }),
    };
    const publisher = createSlicePublisher({
      nodeName,
      endpoint,
      client,
      informers,
      clock: this.#clock,
      logger: this.#logger,
    });
    this.#publisher = publisher;
    this.synced().then(
      () => publisher.start(),
      () => {},
    );
  }
}
