// Where a cluster's supervisor keeps things, below the cluster's folder.

import { join } from "node:path";

export interface SupervisorPaths {
  /** One file per unit. */
  readonly units: string;
  /** Where requests are taken. */
  readonly socket: string;
  /** Held by the one supervisor there is. */
  readonly lock: string;
  /** The processes it has started: what a later supervisor takes over. */
  readonly processes: string;
  logFile(unit: string): string;
}

export function supervisorPaths(clusterFolder: string): SupervisorPaths {
  return {
    units: join(clusterFolder, "units"),
    socket: join(clusterFolder, "run/supervisor.sock"),
    lock: join(clusterFolder, "run/supervisor.lock"),
    processes: join(clusterFolder, "run/processes.json"),
    logFile: (unit) => join(clusterFolder, "logs", `${unit}.log`),
  };
}
