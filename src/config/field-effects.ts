// What changing a field costs a cluster that is there: as data, by the field's path, and where it matters by provider or distribution.

import type { ClusterConfig } from "./cluster-config.ts";
import type { FieldChange } from "./diff-config.ts";
import { chooseVersion } from "./distribution/versions.ts";

/**
 * "new machines": those that are there make way for others. "machines to come": they stay as they are, and only others are made so.
 * "upgrade": by `slipway upgrade`, node by node. "new cluster": not at all while this one is there.
 */
export type FieldEffect = "in place" | "new machines" | "machines to come" | "upgrade" | "new cluster";

interface EffectRule {
  readonly path: RegExp;
  readonly effect: FieldEffect;
  /** Absent: whatever they are. */
  readonly providers?: readonly string[];
  readonly distributions?: readonly string[];
}

/** What a machine is, said of a role's machines or of a pool's. Where machines are ours it is what `replacedFor` of the cloud says. */
function machineField(names: string): RegExp {
  return new RegExp(`^infrastructure\\.(controlPlane|workers|pools\\.[^.]+)\\.(${names})\\b`);
}

const joiningOfKubeadm = /^distribution\.(kubelet|patches|skipPhases|ignorePreflightErrors|timeouts|verbosity)\b/;

/** The first that fits counts; what no rule names changes in place. */
const rules: readonly EffectRule[] = [
  { path: /^(apiVersion|kind|name)$/, effect: "new cluster" },
  { path: /^distribution\.type$/, effect: "new cluster" },
  { path: /^infrastructure\.(provider|simulated)$/, effect: "new cluster" },
  { path: /^infrastructure\.(region|location|project|subscription|datacenter|network\.cidr)\b/, effect: "new cluster" },
  { path: /^network\.(podCIDR|nodeMaskSize|serviceCIDR|dnsDomain)$/, effect: "new cluster" },
  { path: /^network\.apiServerPort$/, effect: "new cluster", distributions: ["kubeadm", "k3s"] },
  { path: /^controlPlane\.etcd\b/, effect: "new cluster", distributions: ["kubeadm", "k3s"] },
  // kubeadm writes what a machine needs when the machine starts or joins, and what all have in common when the first one starts.
  { path: joiningOfKubeadm, effect: "machines to come", distributions: ["kubeadm"] },
  { path: /^distribution\./, effect: "new cluster", distributions: ["kubeadm"] },
  { path: /^controlPlane\.(apiServer|controllers)\b/, effect: "new cluster", distributions: ["kubeadm"] },
  // Each zone has a network of its own there, named by its place in the list.
  { path: /^infrastructure\.zones\b/, effect: "new cluster", providers: ["aws", "eks", "vsphere"] },
  { path: /^infrastructure\.zones\b/, effect: "new machines" },
  { path: /^bootstrap\.(artifacts|architecture)$/, effect: "machines to come" },
  { path: /^infrastructure\.(image|template|packages|mirror)\b/, effect: "machines to come" },
  { path: machineField("zones|spot"), effect: "new machines", providers: ["aws", "azure"] },
  { path: machineField("zones|spot|diskGB"), effect: "new machines", providers: ["gcp"] },
  { path: machineField("zones|diskGB"), effect: "new machines", providers: ["openstack"] },
  { path: machineField("zones|spot|diskGB|type"), effect: "new machines", providers: ["eks", "gke", "aks"] },
  { path: /^workers\[\d+\]\.name$/, effect: "new machines" },
];

export function effectOf({ path }: Pick<FieldChange, "path">, config: ClusterConfig): FieldEffect {
  if (path === "kubernetesVersion") return "upgrade";
  const fits = ({ providers, distributions }: EffectRule) =>
    (providers?.includes(config.infrastructure.provider) ?? true) &&
    (distributions?.includes(config.distribution.type) ?? true);
  return rules.find((rule) => rule.path.test(path) && fits(rule))?.effect ?? "in place";
}

/** Whether the two ask for different versions: "1.36" and nothing may mean the same. */
export function isOtherVersion(before: ClusterConfig, after: ClusterConfig): boolean {
  const versionOf = ({ distribution, kubernetesVersion }: ClusterConfig) =>
    chooseVersion(distribution.type, kubernetesVersion).version;
  return before.distribution.type === after.distribution.type && versionOf(before) !== versionOf(after);
}
