// The cluster configuration object: its schema, checks and defaults; files of ours and of kind; addresses and ranges.

export {
  type AddonConfig,
  type AddonSource,
  type HelmSource,
  isFetched,
  isUrl,
  resolveAddonPaths,
} from "./addon-config.ts";
export {
  type CheckedConfig,
  checkConfig,
  isSimulatedCluster,
  localMachinesCIDR,
  nodeMaskSizeFor,
  simulate,
} from "./check-config.ts";
export {
  type ClusterConfig,
  type ClusterConfigInput,
  configApiVersion,
  defaultClusterName,
  type Infrastructure,
  type NodeCapacity,
  type NodeTaint,
  type WorkerPool,
} from "./cluster-config.ts";
export { ConfigError, type ConfigProblem, type FieldPath, formatPath } from "./config-problem.ts";
export { checkValue } from "./describe-issue.ts";
export { didYouMean } from "./did-you-mean.ts";
export { diffConfigs, type FieldChange } from "./diff-config.ts";
export type { K3sOptions } from "./distribution/k3s.ts";
export type { KubeadmOptions } from "./distribution/kubeadm.ts";
export { chooseVersion, knownVersions, minorOf } from "./distribution/versions.ts";
export { effectOf, type FieldEffect, isOtherVersion } from "./field-effects.ts";
export { aksPoolName, aksRotationName } from "./infrastructure/aks.ts";
export {
  type CloudInfrastructure,
  isCloudInfrastructure,
  isManagedInfrastructure,
  type MachineInfrastructure,
  type ManagedInfrastructure,
} from "./infrastructure/clouds.ts";
export { debianReleases } from "./infrastructure/nspawn.ts";
export type { SshHost, SshInfrastructure } from "./infrastructure/ssh.ts";
export { configJsonSchema } from "./json-schema.ts";
export {
  type Cidr,
  contains,
  formatCidr,
  formatIp,
  nthAddress,
  overlaps,
  parseCidr,
  parseIp,
  sizeOf,
} from "./network.ts";
export { type ReadConfig, readConfig, resolveConfig } from "./read-config.ts";
export { findField, type SchemaField } from "./schema-field.ts";
export { type ConfigDraft, parseAssignment, setValue } from "./set-value.ts";
export {
  answerQuestion,
  goBack,
  nextQuestion,
  startWizard,
  type WizardState,
} from "./wizard/flow.ts";
export { writeConfig } from "./write-config.ts";
