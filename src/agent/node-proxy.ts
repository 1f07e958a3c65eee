// The node's service proxy as the agent runs it: told of by events, its health and metrics where kube-proxy's are.

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { AgentOptions } from "#bootstrap";
import type { Client, InformerSet } from "#kubernetes/client";
import { createProxy, createProxyMetrics } from "#kubernetes/proxy";
import { createSeriesRecorder } from "#kubernetes/runtime";
import { exec, type Logger, systemClock } from "#shared";

export interface NodeProxy {
  /** Does not wait for the rules: pods that start before they are there find them soon after. */
  start(): void;
  /** What pods reach goes on working while the agent is started anew. */
  stop(): Promise<void>;
}

const healthPort = 10_256;
const metricsPort = 10_249;

export interface NodeProxyTools {
  readonly client: Client;
  readonly informers: InformerSet;
  readonly logger: Logger;
}

export function createNodeProxy(options: AgentOptions, { client, informers, logger }: NodeProxyTools): NodeProxy {
  const { nodeName, podCIDR } = options;
  const registry = new Registry();
  const events = createSeriesRecorder({
    client,
    reportingController: "kube-proxy",
    reportingInstance: `kube-proxy-${nodeName}`,
    clock: systemClock,
    logger,
  });
  const proxy = createProxy({
    nodeName,
    informers,
    clusterCIDRs: [podCIDR],
    healthAddress: { host: "0.0.0.0", port: healthPort },
    metricsServer: { host: "127.0.0.1", port: metricsPort, render: () => registry.metrics() },
    metrics: createProxyMetrics({ Counter, Gauge, Histogram }, registry),
    events,
    exec,
    clock: systemClock,
    logger,
  });
  return {
    start() {
      proxy.start().catch(() => {});
    },
    async stop() {
      await proxy.stop({ keep: true });
      await events.stop();
    },
  };
}
