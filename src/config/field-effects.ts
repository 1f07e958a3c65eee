// What changing a field costs a cluster that is there: as data, by the field's path, and where it matters by provider or distribution.

import type { ClusterConfig } from "./cluster-config.ts";
import type { FieldChange } from "./diff-config.ts";
import { chooseVersion } from "./distribution/versions.ts";

/** "upgrade": by `slipway upgrade`, node by node. "new cluster": not at all while this one is there. */
export type FieldEffect = "in place" | "new machines" | "upgrade" | "new cluster";

interface EffectRule {
  readonly path: RegExp;
  readonly effect: FieldEffect;
  /** Absent: whatever they are. */
  readonly providers?: readonly string[];
  readonly distributions?: readonly string[];
}

/** The first that fits counts; what no rule names changes in place. */
const rules: readonly EffectRule[] = [
  { path: /^(apiVersion|kind|name)$/, effect: "new cluster" },
  { path: /^distribution\.type$/, effect: "new cluster" },
  { path: /^infrastructure\.(provider|simulated)$/, effect: "new cluster" },
  { path: /^infrastructure\.(region|location|project|subscription|datacenter|network\.cidr)\b/, effect: "new cluster" },
  { path: /^network\.(podCIDR|nodeMaskSize|serviceCIDR|dnsDomain)$/, effect: "new cluster" },
  { path: /^network\.apiServerPort$/, effect: "new cluster", distributions: ["kubeadm", "k3s"] },
  { path: /^controlPlane\.etcd\b/, effect: "new cluster", distributions: ["kubeadm", "k3s"] },
  { path: /^infrastructure\.zones\b/, effect: "new machines" },
  { path: /^infrastructure\.(image|packages|mirror)\b/, effect: "new machines" },
  {
    path: /^(infrastructure|workers\[\d+\])\..*\b(type|diskGB|cpus|memoryGB|spot|image|template|flavor)$/,
    effect: "new machines",
  },
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
