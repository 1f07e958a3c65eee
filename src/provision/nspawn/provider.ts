// The provider "nspawn": Debian machines that boot on this host, on a bridge of their cluster; reached by SSH, as hosts anywhere are.

import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { type Host, thisHost } from "../host/host.ts";
import { findHostLeftovers } from "../host/leftovers.ts";
import { clusterCgroup } from "../host/names.ts";
import { createHostNetwork, deleteHostNetwork, findHostNetwork } from "../host/network.ts";
import { removeCgroup } from "../host/processes.ts";
import type { Network, Provider, ProviderContext } from "../provider.ts";
import { checkForNspawn } from "./check.ts";
import { createNspawnMachine, deleteNspawnMachine, findNspawnMachine } from "./machine.ts";
import { clusterKey } from "./paths.ts";

export function createNspawnProvider(host: Host = thisHost): Provider {
  const placeOf = ({ config, folder }: ProviderContext) => ({ cluster: config.name, folder });
  return {
    name: "nspawn",
    // A file of the machine's own.
    userData: { limitBytes: Number.POSITIVE_INFINITY },
    check: async (context) =>
      checkForNspawn(host, { folder: context.folder, infrastructure: infrastructureOf(context) }),
    createNetwork: async ({ config, folder }) => apart(await createHostNetwork(host, config.name, folder)),
    async findNetwork({ config, folder }) {
      const network = await findHostNetwork(host, config.name, folder);
      return network && apart(network);
    },
    createMachine: (context, spec) =>
      createNspawnMachine(host, { place: placeOf(context), image: infrastructureOf(context), context }, spec),
    findMachine: (context, spec) => findNspawnMachine(host, placeOf(context), spec),
    deleteMachine: (context, spec, { keepDisk = false } = {}) =>
      deleteNspawnMachine(host, placeOf(context), spec, keepDisk),
    async deleteNetwork({ config, folder }) {
      await deleteHostNetwork(host, config.name, folder);
      removeCgroup(host, clusterCgroup(config.name));
      await rm(dirname(clusterKey(folder)), { recursive: true, force: true });
    },
    findLeftovers: ({ config, folder }) => findHostLeftovers(host, config.name, folder),
  };
}

/** The control plane is one of the machines, not a process of this host. */
function apart({ machineCIDR }: Network): Network {
  return { machineCIDR };
}

function infrastructureOf({ config: { infrastructure } }: ProviderContext) {
  if (infrastructure.provider !== "nspawn")
    throw new Error(`Cannot make machines of ${infrastructure.provider} as nspawn`);
  return infrastructure;
}
