// Where things of a machine lie on this host, in its folder and in its run folder.

import { join } from "node:path";
import { machineFolder, machineRunFolder, shortName } from "../host/names.ts";
import type { Place } from "../host/namespace.ts";

export interface MachinePaths {
  readonly folder: string;
  readonly run: string;
  /** The whole tree, as the machine sees it. A mount. */
  readonly root: string;
  /** What differs from the base tree. */
  readonly upper: string;
  readonly work: string;
  /** The machine's /var: plain files, because containers' layers are overlays, and those cannot lie upon another. */
  readonly variable: string;
  /** What systemd-nspawn and the machine's console say. */
  readonly log: string;
  /** Which process it is. */
  readonly process: string;
  /** The machine's own host key is known from the start. */
  readonly knownHosts: string;
}

export function machinePaths(place: Place, machine: string): MachinePaths {
  const folder = machineFolder(place.folder, place.cluster, machine);
  const run = machineRunFolder(place.folder, place.cluster, machine);
  return {
    folder,
    run,
    root: join(folder, "root"),
    upper: join(folder, "upper"),
    work: join(folder, "work"),
    variable: join(folder, "var"),
    log: join(place.folder, "logs", `machine-${shortName(place.cluster, machine)}.log`),
    process: join(run, "process.json"),
    knownHosts: join(folder, "known_hosts"),
  };
}

/** The key pair that opens all machines of the cluster. */
export function clusterKey(clusterFolder: string): string {
  return join(clusterFolder, "ssh", "id_ed25519");
}

/** Base trees are shared by all clusters and outlive them: making one takes half a minute and more. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return environment["SLIPWAY_CACHE"] || "/var/cache/slipway";
}
