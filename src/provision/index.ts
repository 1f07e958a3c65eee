// Phase 1: infrastructure providers.

export { type Allocation, readAllocation } from "./local/allocation.ts";
export { checkForSimulation } from "./local/check.ts";
export { enterMachine } from "./local/connection.ts";
export { type Host, thisHost } from "./local/host.ts";
export { clusterCgroup, machineFolder, machineRunFolder, shortName } from "./local/names.ts";
export { createLocalProvider } from "./local/provider.ts";
export type * from "./provider.ts";
