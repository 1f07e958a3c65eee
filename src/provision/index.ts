// Phase 1: infrastructure providers.

export { aws } from "./aws/provider.ts";
export { connectMachine } from "./connect.ts";
export { gcp } from "./gcp/provider.ts";
export { type Allocation, readAllocation } from "./local/allocation.ts";
export { checkForSimulation } from "./local/check.ts";
export { enterMachine } from "./local/connection.ts";
export { type Host, thisHost } from "./local/host.ts";
export { clusterCgroup, machineFolder, machineRunFolder, shortName } from "./local/names.ts";
export { createLocalProvider } from "./local/provider.ts";
export type * from "./provider.ts";
export { type Cloud, type CloudInput, cloudInput } from "./tofu/cloud.ts";
export { listResources, renderDocument, type TofuFiles } from "./tofu/document.ts";
