// Phase 3: what is installed into a cluster, applied, pruned and removed by one engine.

export type { Addon, AddonInput, Release } from "./addon.ts";
export { type AddonArtifacts, type AddonFile, addonArtifacts } from "./addon-artifacts.ts";
export type { AddonObjects } from "./apply/addon-objects.ts";
export { applyAddon, type InstalledAddon, listInstalledAddons, removeAddon } from "./apply/apply-addon.ts";
export { type AddonDiff, diffAddon, type ObjectAction, type ObjectChange } from "./apply/diff-addon.ts";
export type { FieldDifference } from "./apply/diff-fields.ts";
export { waitForAddon } from "./apply/wait-for-addon.ts";
export { createPinnedReader, type FileSource, type PinnedReader } from "./artifacts/pinned-reader.ts";
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
export { catalogue } from "./catalogue.ts";
export { type ChosenAddon, checkAddons, chooseAddons, chosen, findAddon } from "./choose-addons.ts";
export { readClusterAddress, withClusterClient } from "./cluster-client.ts";
export { findImages } from "./find-images.ts";
export { type MachineNote, noteMachines, readMachineNotes } from "./machine-notes.ts";
export { deleteNode, hasNode, isNodeReady, labelNode, waitForNodes } from "./nodes.ts";
export { type ResolveContext, releaseOf, resolveAddon } from "./resolve-addon.ts";
export {
  applySimulatedNodes,
  areSimulatedNodesApplied,
  type SimulatedNodeSpec,
} from "./simulated-nodes.ts";
