// The health-check node ports of services whose outside traffic stays on the node: load balancers ask there whether this node has
// endpoints. Upstream's answers.

import { createServer, type Server, type ServerResponse } from "node:http";

/** A service with a health-check node port. */
export interface HealthCheckedService {
  readonly port: number;
  /** Addresses on this node that are ready. */
  readonly localEndpoints: number;
}

export interface ServiceHealthOptions {
  isProxyHealthy(): boolean;
  /** Told when a port cannot be listened at. */
  onListenFailure(service: string, port: number, error: Error): void;
}

interface Listening extends HealthCheckedService {
  readonly server: Server;
}

export class ServiceHealthServer {
  readonly #options: ServiceHealthOptions;
  readonly #services = new Map<string, Listening>();

  constructor(options: ServiceHealthOptions) {
    this.#options = options;
  }

  /** Opens and closes ports so that exactly these services ("namespace/name") are served. */
  update(services: ReadonlyMap<string, HealthCheckedService>): void {
    for (const [key, { port, server }] of this.#services) {
      if (services.get(key)?.port === port) continue;
      this.#services.delete(key);
      void close(server);
    }
    for (const [key, wished] of services) {
      const known = this.#services.get(key);
      this.#services.set(key, { ...wished, server: known?.server ?? this.#listen(key, wished.port) });
    }
  }

  async stop(): Promise<void> {
    const servers = [...this.#services.values()].map(({ server }) => server);
    this.#services.clear();
    await Promise.all(servers.map(close));
  }

  #listen(key: string, port: number): Server {
    const server = createServer((_request, response) => this.#answer(key, response));
    server.on("error", (error) => {
      this.#services.delete(key);
      this.#options.onListenFailure(key, port, error);
    });
    server.listen(port);
    return server;
  }

  #answer(key: string, response: ServerResponse): void {
    const localEndpoints = this.#services.get(key)?.localEndpoints ?? 0;
    const serviceProxyHealthy = this.#options.isProxyHealthy();
    const [namespace = "", name = ""] = key.split("/");
    response.writeHead(localEndpoints > 0 && serviceProxyHealthy ? 200 : 503, {
      "content-type": "application/json",
      "x-content-type-options": "nosniff",
      "x-load-balancing-endpoint-weight": String(localEndpoints),
    });
    const answer = { service: { namespace, name }, localEndpoints, serviceProxyHealthy };
    response.end(`${JSON.stringify(answer, null, "\t")}\n`);
  }
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
