// Names of services and pods, answered on every node; names outside are asked for elsewhere.

export { createDnsServer, type DnsServer, type DnsServerOptions } from "./dns-server.ts";
export type { ServedService } from "./endpoints/plan-slice.ts";
export { createDnsMetrics, type DnsMetrics } from "./metrics.ts";
