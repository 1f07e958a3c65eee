// Accepts a configuration file of kind (kind.x-k8s.io/v1alpha4): what has a meaning here is converted, what is about kind's own
// containers is named in a notice, and, as kind itself does, unknown fields are refused.

import { z } from "zod";
import type { ClusterConfigInput } from "./cluster-config.ts";
import type { ConfigProblem, FieldPath } from "./config-problem.ts";
import { describeIssue } from "./describe-issue.ts";

const anything = z.unknown().optional();

const nodeSchema = z.strictObject({
  role: z.enum(["control-plane", "worker"]).default("control-plane"),
  labels: z.record(z.string(), z.string()).default({}),
  image: anything,
  extraMounts: anything,
  extraPortMappings: anything,
  kubeadmConfigPatches: anything,
  kubeadmConfigPatchesJSON6902: anything,
});

const networkingSchema = z.strictObject({
  ipFamily: z.enum(["ipv4", "ipv6", "dual"]).optional(),
  apiServerAddress: anything,
  apiServerPort: z.int().min(-1).max(65535).optional(),
  podSubnet: z.string().optional(),
  serviceSubnet: z.string().optional(),
  disableDefaultCNI: z.boolean().default(false),
  kubeProxyMode: z.enum(["iptables", "ipvs", "nftables", "none"]).optional(),
  dnsSearch: anything,
});

const kindConfigSchema = z.strictObject({
  apiVersion: z.literal("kind.x-k8s.io/v1alpha4"),
  kind: z.literal("Cluster"),
  name: z.string().optional(),
  nodes: z.array(nodeSchema).prefault([{}]),
  networking: networkingSchema.prefault({}),
  featureGates: anything,
  runtimeConfig: anything,
  kubeadmConfigPatches: anything,
  kubeadmConfigPatchesJSON6902: anything,
  containerdConfigPatches: anything,
  containerdConfigPatchesJSON6902: anything,
});

type KindConfig = z.output<typeof kindConfigSchema>;
type KindNode = KindConfig["nodes"][number];

export interface ConvertedKindConfig {
  readonly input: ClusterConfigInput;
  /** What was left out, each with its message in full. */
  readonly notices: readonly ConfigProblem[];
  readonly problems: readonly ConfigProblem[];
}

/** Whether the file says it is one of kind's. */
export function isKindConfig(raw: unknown): boolean {
  if (typeof raw !== "object" || raw === null || !("apiVersion" in raw)) return false;
  return typeof raw.apiVersion === "string" && raw.apiVersion.startsWith("kind.x-k8s.io/");
}

/** Our form of kind's configuration. */
export function convertKindConfig(raw: unknown): ConvertedKindConfig {
  const parsed = kindConfigSchema.safeParse(raw);
  if (!parsed.success) {
    const at = { value: raw, schema: kindConfigSchema, path: [] };
    const problems = parsed.error.issues.flatMap((issue) => describeIssue(issue, at));
    return {
      input: inputOf(kindConfigSchema.parse({ apiVersion: "kind.x-k8s.io/v1alpha4", kind: "Cluster" })),
      notices: [],
      problems,
    };
  }
  return { input: inputOf(parsed.data), notices: noticesOf(parsed.data), problems: problemsOf(parsed.data) };
}

function inputOf(config: KindConfig): ClusterConfigInput {
  const { podSubnet, serviceSubnet, apiServerPort = 0, disableDefaultCNI, kubeProxyMode } = config.networking;
  const [controlPlane] = config.nodes.filter(({ role }) => role === "control-plane");
  return {
    apiVersion: "slipway.dev/v1alpha1",
    kind: "Cluster",
    ...(config.name !== undefined && { name: config.name }),
    controlPlane: {
      labels: controlPlane?.labels ?? {},
      // A lone control plane takes workloads, as in kind.
      ...(config.nodes.length === 1 && { taints: [] }),
    },
    workers: poolsOf(config.nodes.filter(({ role }) => role === "worker")),
    network: {
      ...(podSubnet !== undefined && { podCIDR: podSubnet }),
      ...(serviceSubnet !== undefined && { serviceCIDR: serviceSubnet }),
      apiServerPort: Math.max(apiServerPort, 0),
      plugin: disableDefaultCNI ? "none" : "slipway",
      proxy: kubeProxyMode === "none" ? "none" : "nftables",
    },
  };
}

/** Workers with the same labels become one pool: "worker", "worker2", … */
function poolsOf(workers: readonly KindNode[]): NonNullable<ClusterConfigInput["workers"]> {
  const groups = Map.groupBy(workers, ({ labels }) => JSON.stringify(Object.entries(labels).toSorted()));
  return [...groups.values()].map((group, index) => {
    return { name: index === 0 ? "worker" : `worker${index + 1}`, count: group.length, labels: group[0]!.labels };
  });
}

/** Where kind's file says what a field of ours was made from. */
export function kindPathOf(path: FieldPath): FieldPath {
  if (path[0] === "network") return ["networking", ...path.slice(1).map((part) => kindFields[part] ?? part)];
  if (path[0] === "workers" || path[0] === "controlPlane") return ["nodes"];
  return path;
}

const kindFields: Readonly<Record<string, string>> = { podCIDR: "podSubnet", serviceCIDR: "serviceSubnet" };

const ignoredInNodes: Readonly<Record<string, string>> = {
  image: "nodes are not container images here",
  extraMounts: "nodes are not containers here: a pod's hostPath sees this machine's files",
  extraPortMappings: "nodes are not containers here: reach a NodePort at the node's own address",
  kubeadmConfigPatches: "this cluster is not made by kubeadm",
  kubeadmConfigPatchesJSON6902: "this cluster is not made by kubeadm",
};

const ignoredAtTop: Readonly<Record<string, string>> = {
  featureGates: "there are no feature gates here",
  runtimeConfig: "the served API groups are fixed",
  kubeadmConfigPatches: "this cluster is not made by kubeadm",
  kubeadmConfigPatchesJSON6902: "this cluster is not made by kubeadm",
  containerdConfigPatches: "containerd's configuration is made per node",
  containerdConfigPatchesJSON6902: "containerd's configuration is made per node",
};

const ignoredInNetworking: Readonly<Record<string, string>> = {
  apiServerAddress: "the API listens on 127.0.0.1 and on the nodes' network",
  dnsSearch: "pods get the cluster's search domains",
};

function noticesOf(config: KindConfig): ConfigProblem[] {
  const notices = [
    ...ignoredFields(config, ignoredAtTop, []),
    ...ignoredFields(config.networking, ignoredInNetworking, ["networking"]),
  ];
  for (const [index, node] of config.nodes.entries())
    notices.push(...ignoredFields(node, ignoredInNodes, ["nodes", index]));
  const mode = config.networking.kubeProxyMode;
  if (mode === "iptables" || mode === "ipvs") {
    notices.push({
      path: ["networking", "kubeProxyMode"],
      message: `networking.kubeProxyMode: ${mode} is not used: services go through nftables`,
    });
  }
  const controlPlanes = config.nodes.entries().filter(([, { role }]) => role === "control-plane");
  for (const [index] of controlPlanes.drop(1)) {
    notices.push({
      path: ["nodes", index],
      message: `nodes[${index}] is left out: a local cluster has one control plane`,
    });
  }
  return notices;
}

function ignoredFields(object: object, reasons: Readonly<Record<string, string>>, path: FieldPath): ConfigProblem[] {
  const present = Object.entries(reasons).filter(([field]) => (object as Record<string, unknown>)[field] !== undefined);
  return present.map(([field, reason]) => ({ path: [...path, field], message: `${field} is not used: ${reason}` }));
}

function problemsOf(config: KindConfig): ConfigProblem[] {
  const { ipFamily = "ipv4" } = config.networking;
  if (ipFamily === "ipv4") return [];
  return [
    { path: ["networking", "ipFamily"], message: `must be ipv4, not "${ipFamily}": clusters of slipway speak IPv4` },
  ];
}
