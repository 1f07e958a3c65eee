// Phase 1: infrastructure providers.

export { chooseProvider } from "./choose-provider.ts";
export { clouds, findCloud } from "./clouds.ts";
export { connectMachine } from "./connect.ts";
export { type Allocation, readAllocation } from "./host/allocation.ts";
export { checkForSimulation } from "./host/check.ts";
export { type Host, thisHost } from "./host/host.ts";
export { clusterCgroup, machineFolder, machineRunFolder, shortName } from "./host/names.ts";
export { enterMachine } from "./local/connection.ts";
export { createLocalProvider } from "./local/provider.ts";
export { renderAptSources } from "./nspawn/apt-sources.ts";
export { findAptSources } from "./nspawn/find-apt-sources.ts";
export type * from "./provider.ts";
export { markFile as hostMarkFile } from "./ssh/paths.ts";
export type { ResourceChange } from "./tofu/changes.ts";
export { type Cloud, type CloudInput, cloudInput } from "./tofu/cloud.ts";
export { renderDocument, type TofuFiles } from "./tofu/document.ts";
export type { TofuPreview } from "./tofu/preview.ts";
export { createTofuProvider, type TofuProvider, tofuFolder } from "./tofu/provider.ts";
