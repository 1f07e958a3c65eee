// Phase 3: what is installed into a cluster, applied, pruned and removed by one engine.

export type { Addon, AddonInput } from "./addon.ts";
export { type AddonObjects, applyAddon, isAddonApplied, removeAddon } from "./apply-addon.ts";
export {
  type BootstrapTokenOptions,
  deleteBootstrapToken,
  ensureBootstrapToken,
  type KnownToken,
  listBootstrapTokens,
  splitToken,
  writeBootstrapToken,
} from "./bootstrap-token.ts";
export { dnsAddress, dnsUser } from "./catalogue/dns.ts";
export { nodeBootstrap } from "./catalogue/node-bootstrap.ts";
export { storageUser } from "./catalogue/storage.ts";
export { catalogue, checkAddons, chooseAddons } from "./catalogue.ts";
export { withClusterClient } from "./cluster-client.ts";
export { type MachineNote, noteMachines, readMachineNotes } from "./machine-notes.ts";
export { deleteNode, isNodeReady, labelNode, waitForNodes } from "./nodes.ts";
export {
  applySimulatedNodes,
  areSimulatedNodesApplied,
  type SimulatedNodeSpec,
} from "./simulated-nodes.ts";
