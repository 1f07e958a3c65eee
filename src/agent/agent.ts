// A node in this process: the kubelet, the pod network, the service proxy and the DNS server, each acting in its own name.

import type { AgentOptions } from "#bootstrap";
import {
  type Client,
  connectionOf,
  createClient,
  createHttpTransport,
  createInformerSet,
  loadKubeconfig,
} from "#kubernetes/client";
import { createKubelet, type KubeletServerOptions } from "#kubernetes/kubelet";
import { exec, type Logger, systemClock } from "#shared";
import { createNodeNetwork } from "./network/node-network.ts";
import { createNodeDns } from "./node-dns.ts";
import { createNodeProxy } from "./node-proxy.ts";
import { createNodeStorage } from "./node-storage.ts";

export interface Agent {
  /** Resolves when the node is registered and its pods are looked after. */
  start(): Promise<void>;
  /** Pods go on; resolves when nothing of the agent runs. */
  stop(): Promise<void>;
}

export interface AgentMeans {
  /** The kubelet's own. */
  readonly server: KubeletServerOptions;
  /** What the node says it runs: "v1.36.2+slipway.0.1.0". */
  readonly version: string;
  readonly logger: Logger;
}

export async function createAgent(options: AgentOptions, { server, version, logger }: AgentMeans): Promise<Agent> {
  const kubeletClient = await connect(options.kubeconfigs.kubelet, "kubelet");
  const proxyClient = await connect(options.kubeconfigs.proxy, "kube-proxy");
  const informers = createInformerSet(proxyClient, { clock: systemClock, logger });
  const network = createNodeNetwork({
    nodeName: options.nodeName,
    podCIDR: options.podCIDR,
    name: options.podNetwork,
    addressesFolder: options.podAddressesFolder,
    cniConfigFolder: options.cniConfigFolder,
    informers,
    exec,
    clock: systemClock,
    logger: logger.child({ component: "node-network" }),
  });
  const proxy = createNodeProxy(options, {
    client: proxyClient,
    informers,
    logger: logger.child({ component: "kube-proxy" }),
  });
  const dns = createNodeDns(options, await connect(options.kubeconfigs.dns, "dns"), logger.child({ component: "dns" }));
  const storage = createNodeStorage(
    options,
    await connect(options.kubeconfigs.storage, "local-path-provisioner"),
    logger.child({ component: "storage" }),
  );
  const kubelet = createKubelet({
    ...kubeletOptions(options),
    client: kubeletClient,
    kubeletVersion: version,
    server,
    logger: logger.child({ component: "kubelet" }),
  });
  return {
    async start() {
      if (options.networkPlugin === "slipway") network.start();
      informers.start();
      if (options.proxy === "nftables") proxy.start();
      if (options.dns === "slipway") await dns.start();
      if (options.storage === "local-path") storage.start();
      await kubelet.start();
    },
    async stop() {
      await kubelet.stop();
      await Promise.all([proxy.stop(), network.stop(), dns.stop(), storage.stop()]);
      await informers.stop();
      await Promise.all([kubeletClient.close(), proxyClient.close()]);
    },
  };
}

function kubeletOptions(options: AgentOptions) {
  const { cpu, memory, pods } = options.capacity;
  return {
    nodeName: options.nodeName,
    runtimeSocket: options.criSocket,
    rootFolder: options.kubeletFolder,
    podLogsFolder: options.podLogsFolder,
    ...(options.containerLogLinks !== undefined && { containerLogLinks: options.containerLogLinks }),
    addresses: [
      { type: "InternalIP", address: options.nodeAddress },
      { type: "Hostname", address: options.nodeName },
    ],
    taints: options.taints,
    capacity: { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) },
    ...(pods !== undefined && { maxPods: pods }),
    clusterDns: [options.clusterDNS],
    clusterDomain: options.dnsDomain,
    resolverConfig: options.resolverFile,
    cgroupRoot: options.cgroupRoot,
  };
}

async function connect(kubeconfig: string, userAgent: string): Promise<Client> {
  const transport = createHttpTransport(await connectionOf(await loadKubeconfig(kubeconfig)));
  return createClient({ transport, userAgent });
}
