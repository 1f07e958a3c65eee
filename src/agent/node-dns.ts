// The node's DNS server as the agent runs it: with an identity of its own, at the node's address, where the DNS service's rules lead.

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { AgentOptions } from "#bootstrap";
import { type Client, createInformerSet } from "#kubernetes/client";
import { createDnsMetrics, createDnsServer } from "#kubernetes/dns";
import { describeError, type Logger, systemClock } from "#shared";

export interface NodeDns {
  /** Never throws: a node whose port is taken is still a node, and its pods are answered by others. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const dnsPort = 53;
const metricsPort = 9153;

export function createNodeDns(options: AgentOptions, client: Client, logger: Logger): NodeDns {
  const registry = new Registry();
  const informers = createInformerSet(client, { clock: systemClock, logger });
  const { nodeAddress: host } = options;
  const server = createDnsServer({
    nodeName: options.nodeName,
    informers,
    client,
    domain: options.dnsDomain,
    listen: { host, port: dnsPort },
    resolverFile: options.resolverFile,
    ownAddresses: [options.clusterDNS],
    metricsServer: { host, port: metricsPort, render: () => registry.metrics() },
    metrics: createDnsMetrics({ Counter, Gauge, Histogram }, registry),
    clock: systemClock,
    logger,
  });
  return {
    async start() {
      informers.start();
      try {
        await server.start();
      } catch (error) {
        logger.error({ error: describeError(error) }, "DNS server does not start");
      }
    },
    async stop() {
      await server.stop();
      await informers.stop();
      await client.close();
    },
  };
}
