// Phase 2: from a machine to a node: packages, certificates, kubeconfigs, containerd, and the supervisor that keeps it all running.

export type {
  ArtifactKind,
  ArtifactOrigin,
  ArtifactSource,
  BundledFile,
  PackageRepository,
  ReadOptions,
} from "./artifacts/artifact.ts";
export type { BundledArtifact, BundleIndex } from "./artifacts/bundle-index.ts";
export { type BundledFetches, findBundledFetches, listFetchedFiles } from "./artifacts/bundled-fetches.ts";
export { findProgram } from "./artifacts/catalogue.ts";
export { fetchPackages, type PackageSystem } from "./artifacts/debian.ts";
export { findMachineOrigins, type MachineOriginsOptions } from "./artifacts/machine-origins.ts";
export { readBundle } from "./artifacts/read-bundle.ts";
export {
  createBundleSource,
  createNetworkSource,
  type OwnArtifacts,
  readUnpackedIndex,
} from "./artifacts/sources.ts";
export { checkBundleName, type LocalArtifact, writeBundle } from "./artifacts/write-bundle.ts";
export { chooseSnapshotter, mayLowerOomScore } from "./containerd/host-traits.ts";
export { removeRuntimeTraces } from "./containerd/runtime-traces.ts";
export type {
  BootstrapInput,
  BootstrapMachine,
  CertificateCare,
  ClusterAuthorities,
  DataRestore,
  Distribution,
  DistributionImages,
  MachineDuty,
} from "./distribution.ts";
export { createImageArchive, type ImageSpec, thisArchitecture } from "./images/image-archive.ts";
export { readImageNames } from "./images/image-names.ts";
export { type ImageMirrors, parseImageReference, qualifyImage } from "./images/image-reference.ts";
export { importArchives } from "./images/import-archives.ts";
export { type ImportTarget, importImages } from "./images/import-images.ts";
export { pullImage } from "./images/pull-image.ts";
export { createSandboxImage, sandboxImageName } from "./images/sandbox-image.ts";
export { createTar } from "./images/tar.ts";
export { findDifference, type InstallTarget, install, removeUnit } from "./install.ts";
export { k3sDistribution } from "./k3s/distribution.ts";
export { kubeadmDistribution } from "./kubeadm/distribution.ts";
export { kubeadmImages } from "./kubeadm/images.ts";
export { contextName, type KubeconfigEntry, renderKubeconfig } from "./kubeconfig/render-kubeconfig.ts";
export {
  findUserKubeconfig,
  isInKubeconfig,
  mergeIntoKubeconfig,
  removeFromKubeconfig,
  type UserKubeconfig,
} from "./kubeconfig/user-kubeconfig.ts";
export type { ArtifactSpec, CommandSpec, FileSpec, MachineDescription } from "./machine-description.ts";
export { type FoundTools, findHostTools, type HostTools, hostPackages } from "./packages/host-tools.ts";
export { installPackages } from "./packages/install-packages.ts";
export { createAuthority, createSigningRequest, issueCertificate, type KeyPair, splitPem } from "./pki/certificates.ts";
export { type ClientPki, createBootstrapToken, ensureClientPki, readClientPki } from "./pki/cluster-authorities.ts";
export {
  type ClusterPki,
  type ClusterPkiOptions,
  ensureClientCertificate,
  ensureClusterPki,
  ensureNodePki,
  markOfFiles,
  markOfPki,
  readClientCertificate,
  readClusterPki,
  readNodePki,
} from "./pki/cluster-pki.ts";
export { ensureEtcdPki } from "./pki/etcd-pki.ts";
export {
  type CertificateInfo,
  describeCertificates,
  listCertificates,
  warningDays,
} from "./pki/list-certificates.ts";
export {
  advanceRotation,
  beginRotation,
  endRotation,
  isRotationSettled,
  isSignedByOld,
  type RotatedAuthority,
  type Rotation,
  type RotationStage,
  readRotation,
  rotationStages,
  settleRotation,
} from "./pki/rotation.ts";
export { carryOut, findRemoteDifference, prepareMachine, type RemoteTarget } from "./remote/carry-out.ts";
export { type MachineCertificate, readMachineCertificates } from "./remote/machine-certificates.ts";
export { isPrepared, type MachineReport, readMachineReport, wasSetUp } from "./remote/machine-report.ts";
export { readPlatform, thisPlatform } from "./remote/platform.ts";
export { runCommands } from "./remote/run-commands.ts";
export { takeOff } from "./remote/take-off.ts";
export { type CloudInitOptions, renderCloudInit } from "./render/cloud-init.ts";
export { type IgnitionOptions, renderIgnition } from "./render/ignition.ts";
export { renderShellScript, type ShellScriptOptions } from "./render/shell-script.ts";
export { failedCommand, hashDescription, reportPath } from "./report.ts";
export { findResolver, type Resolver } from "./resolver.ts";
export {
  type ControlPlaneOptions,
  checkPort,
  claimPort,
  controlPlaneUnit,
  describeControlPlane,
  readPort,
} from "./slipway/control-plane.ts";
export {
  type AgentOptions,
  agentUnit,
  describeAgent,
  describeRuntime,
  type NodeIdentityOptions,
  type NodePaths,
  type NodeUser,
  nodePaths,
  nodeSettings,
  podNetworkName,
  runtimeUnit,
} from "./slipway/node.ts";
export { usesOwnEtcd } from "./slipway/remote/describe-settings.ts";
export {
  createSlipwayDistribution,
  type OwnProgram,
  type SlipwayDistributionOptions,
} from "./slipway/remote/distribution.ts";
export { promoteMember } from "./slipway/remote/etcd-members.ts";
export { machinePaths, unitNames } from "./slipway/remote/machine-paths.ts";
export { agentUsers, runMachine } from "./slipway/remote/prepare-machine.ts";
export { askSupervisor, supervisorStatus } from "./supervisor/client.ts";
export { type SupervisorLaunch, startSupervisor, stopSupervisor } from "./supervisor/launch.ts";
export { runSupervisor } from "./supervisor/main.ts";
export { notifySupervisor } from "./supervisor/notify-supervisor.ts";
export { supervisorPaths } from "./supervisor/paths.ts";
export type { SupervisorStatus } from "./supervisor/protocol.ts";
export type { UnitSpec, UnitState, UnitStatus } from "./supervisor/unit.ts";
