// The provider "local": machines are network namespaces on this machine, on a bridge of their cluster.

import type { Provider, ProviderContext } from "../provider.ts";
import { checkThisMachine } from "./check.ts";
import { type Host, thisHost } from "./host.ts";
import { findLocalLeftovers } from "./leftovers.ts";
import { createLocalMachine, deleteLocalMachine, findLocalMachine } from "./machine.ts";
import { clusterCgroup } from "./names.ts";
import { createLocalNetwork, deleteLocalNetwork, findLocalNetwork } from "./network.ts";
import { removeCgroup } from "./processes.ts";

export function createLocalProvider(host: Host = thisHost): Provider {
  const placeOf = ({ config, folder }: ProviderContext) => ({
    cluster: config.name,
    folder,
    podCIDR: config.network.podCIDR,
  });
  return {
    name: "local",
    check: async (context) => checkThisMachine(host, context),
    createNetwork: ({ config, folder }) => createLocalNetwork(host, config.name, folder),
    findNetwork: ({ config, folder }) => findLocalNetwork(host, config.name, folder),
    createMachine: (context, spec) => createLocalMachine(host, placeOf(context), spec),
    findMachine: (context, spec) => findLocalMachine(host, placeOf(context), spec),
    deleteMachine: (context, spec, { keepDisk = false } = {}) =>
      deleteLocalMachine(host, placeOf(context), spec, keepDisk),
    async deleteNetwork({ config, folder }) {
      await deleteLocalNetwork(host, config.name, folder);
      removeCgroup(host, clusterCgroup(config.name));
    },
    findLeftovers: ({ config, folder }) => findLocalLeftovers(host, config.name, folder),
  };
}
