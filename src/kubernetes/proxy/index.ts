// The node's part in the cluster's network: services and network policies as nftables rules, routes to the pods of other nodes.

export type { ProxyHealth } from "./health/proxy-health.ts";
export type { MetricsServerOptions } from "./health/proxy-servers.ts";
export { createProxyMetrics, type ProxyMetrics } from "./metrics.ts";
export { createProxy, type ProxyOptions, type ServiceProxy, type StopOptions } from "./proxy.ts";
