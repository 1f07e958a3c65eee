// The provider "local": machines are network namespaces on this machine, on a bridge of their cluster.

import { checkThisMachine } from "../host/check.ts";
import { type Host, thisHost } from "../host/host.ts";
import { findHostLeftovers } from "../host/leftovers.ts";
import { clusterCgroup } from "../host/names.ts";
import { createHostNetwork, deleteHostNetwork, findHostNetwork } from "../host/network.ts";
import { removeCgroup } from "../host/processes.ts";
import type { Provider, ProviderContext } from "../provider.ts";
import { createLocalMachine, deleteLocalMachine, findLocalMachine } from "./machine.ts";

export function createLocalProvider(host: Host = thisHost): Provider {
  const placeOf = ({ config, folder }: ProviderContext) => ({
    cluster: config.name,
    folder,
    podCIDR: config.network.podCIDR,
  });
  return {
    name: "local",
    check: async (context) => checkThisMachine(host, context),
    createNetwork: ({ config, folder }) => createHostNetwork(host, config.name, folder),
    findNetwork: ({ config, folder }) => findHostNetwork(host, config.name, folder),
    createMachine: (context, spec) => createLocalMachine(host, placeOf(context), spec),
    findMachine: (context, spec) => findLocalMachine(host, placeOf(context), spec),
    deleteMachine: (context, spec, { keepDisk = false } = {}) =>
      deleteLocalMachine(host, placeOf(context), spec, keepDisk),
    async deleteNetwork({ config, folder }) {
      await deleteHostNetwork(host, config.name, folder);
      removeCgroup(host, clusterCgroup(config.name));
    },
    findLeftovers: ({ config, folder }) => findHostLeftovers(host, config.name, folder),
  };
}
