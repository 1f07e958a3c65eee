// The proxy's own ports: /healthz and /livez for load balancers (upstream: 10256), /metrics and /proxyMode for operators (10249).

import type { Node } from "#kubernetes/api";
import { type ListenAddress, type Logger, type SmallAnswer, type SmallServer, serveSmall } from "#shared";
import type { ProxyMetrics } from "../metrics.ts";
import { isNodeEligible, type ProxyHealthKeeper } from "./proxy-health.ts";

export interface ProxyServersOptions {
  readonly healthAddress: ListenAddress | undefined;
  readonly metricsServer: MetricsServerOptions | undefined;
  readonly keeper: ProxyHealthKeeper;
  readonly metrics: ProxyMetrics;
  readonly logger: Logger;
  /** This node, where it is known. */
  node(): Node | undefined;
}

export interface MetricsServerOptions extends ListenAddress {
  /** The metrics in Prometheus' text format. */
  render(): Promise<string>;
}

/** Never throws: a proxy whose port is taken still proxies. */
export async function startProxyServers(options: ProxyServersOptions): Promise<SmallServer[]> {
  const { healthAddress, metricsServer, logger } = options;
  const starts: Promise<SmallServer>[] = [];
  if (healthAddress) {
    const paths = {
      "/healthz": () => healthAnswer("healthz", options),
      "/livez": () => healthAnswer("livez", options),
    };
    starts.push(serveSmall(healthAddress, paths));
  }
  if (metricsServer) {
    const paths: Parameters<typeof serveSmall>[1] = {
      "/metrics": async () => ({ type: "text/plain", body: await metricsServer.render() }),
      "/proxyMode": () => ({ type: "text/plain", body: "nftables" }),
      "/healthz": () => ({ type: "text/plain", body: "ok" }),
    };
    starts.push(serveSmall(metricsServer, paths));
  }
  const results = await Promise.allSettled(starts);
  for (const result of results) if (result.status === "rejected") logger.error(String(result.reason));
  return results.filter((result) => result.status === "fulfilled").map(({ value }) => value);
}

function healthAnswer(path: "healthz" | "livez", { keeper, metrics, node }: ProxyServersOptions): SmallAnswer {
  const health = keeper.health();
  const nodeEligible = isNodeEligible(node());
  const isWell = health.healthy && (path === "livez" || nodeEligible);
  const status = isWell ? 200 : 503;
  metrics.healthAsked(path, status);
  // A proxy that is well counts as updated now, although it may have had nothing to do for long.
  const lastUpdated = isWell ? health.currentTime : health.lastUpdated;
  const shown = { ...health, lastUpdated, ...(path === "healthz" && { nodeEligible }) };
  return { status, type: "application/json", body: JSON.stringify(shown) };
}
