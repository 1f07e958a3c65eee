// Which labels a kubelet may give its own node (NodeRestriction, and the kubelet's own check of --node-labels): others only an admin may.

const allowedKeys = new Set([
  "kubernetes.io/hostname",
  "kubernetes.io/os",
  "kubernetes.io/arch",
  "beta.kubernetes.io/os",
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/instance-type",
  "node.kubernetes.io/instance-type",
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
]);
const allowedNamespaces = ["kubelet.kubernetes.io", "node.kubernetes.io"];
const reservedNamespaces = ["kubernetes.io", "k8s.io"];

export interface SplitLabels {
  /** Those the kubelet may set. */
  readonly own: Readonly<Record<string, string>>;
  /** Those that are set through the API once the node is there. */
  readonly others: Readonly<Record<string, string>>;
}

export function splitLabels(labels: Readonly<Record<string, string>>): SplitLabels {
  const entries = Object.entries(labels);
  return {
    own: Object.fromEntries(entries.filter(([key]) => isOwn(key))),
    others: Object.fromEntries(entries.filter(([key]) => !isOwn(key))),
  };
}

function isOwn(key: string): boolean {
  const namespace = key.includes("/") ? key.split("/")[0]! : "";
  const isIn = (known: string) => namespace === known || namespace.endsWith(`.${known}`);
  return allowedKeys.has(key) || allowedNamespaces.some(isIn) || !reservedNamespaces.some(isIn);
}
