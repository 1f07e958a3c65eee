// Why a cluster cannot have some add-ons, from what its configuration says of its machines. Pure.

import { type ClusterConfig, isSimulatedCluster } from "#config";

type Refuse = (config: ClusterConfig) => string | undefined;

/** What a local cluster has instead of a pod network of others. */
export const localNetworks = "use slipway's network, or none";

/** What goes into its node's folders: the nodes of a local cluster share those of this machine. `instead`: what to do there. */
export function refuseSharedHost(name: string, instead: string): Refuse {
  return (config) => {
    if (config.infrastructure.provider !== "local" || isSimulatedCluster(config)) return undefined;
    return `${name} needs nodes that are machines of their own: with provider local ${instead}`;
  };
}

/** What speaks to one cloud's API. */
export function refuseOtherClouds(name: string, providers: readonly string[]): Refuse {
  return ({ infrastructure: { provider } }) => {
    if (providers.includes(provider)) return undefined;
    return `"${name}" is for machines of provider ${providers.join(" or ")}, not ${provider}`;
  };
}
