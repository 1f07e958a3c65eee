// What no single field of a distribution can tell: versions it has, providers whose machines it cannot run on, and options of other
// sections that it has no way to follow.

import type { ClusterConfig } from "./cluster-config.ts";
import type { ConfigProblem, FieldPath } from "./config-problem.ts";
import { chooseVersion } from "./distribution/versions.ts";
import { isManagedInfrastructure } from "./infrastructure/clouds.ts";

export function checkDistribution(config: Partial<ClusterConfig>): ConfigProblem[] {
  const { distribution, infrastructure } = config;
  if (!distribution || (infrastructure && isManagedInfrastructure(infrastructure))) return [];
  const { type } = distribution;
  return [
    ...checkVersion(config, type),
    ...(type === "slipway" ? [] : checkUpstream(config, type)),
    ...(type === "kubeadm" ? checkKubeadm(config) : []),
    ...(type === "k3s" ? checkK3s(config) : []),
  ];
}

type DistributionType = ClusterConfig["distribution"]["type"];

function problem(path: string, message: string): ConfigProblem {
  return { path: path.split("."), message };
}

function checkVersion({ kubernetesVersion }: Partial<ClusterConfig>, type: DistributionType): ConfigProblem[] {
  const chosen = chooseVersion(type, kubernetesVersion);
  return chosen.version === undefined ? [problem("kubernetesVersion", chosen.problem)] : [];
}

/** What holds for every distribution that is not ours. */
function checkUpstream(config: Partial<ClusterConfig>, type: DistributionType): ConfigProblem[] {
  const { infrastructure, network, controlPlane, addons = [] } = config;
  const problems: ConfigProblem[] = [];
  if (infrastructure?.provider === "local") {
    const message = `"${type}" wants machines of its own, with systemd: provider local has none. Take provider nspawn to try it on this machine`;
    problems.push(problem("distribution.type", message));
  }
  if (network?.plugin === "slipway") {
    const message = `must not be slipway with distribution ${type}: that pod network is our own nodes'`;
    problems.push(problem("network.plugin", message));
  }
  if (controlPlane?.snapshots) {
    const message = `cannot be given with distribution ${type}${type === "k3s" ? ", which makes its own: see distribution.etcdArgs and k3s' etcd-snapshot" : ": only our own control planes make snapshots by themselves"}`;
    problems.push(problem("controlPlane.snapshots", message));
  }
  if (controlPlane?.scheduler === false) {
    problems.push(problem("controlPlane.scheduler", `must be true with distribution ${type}`));
  }
  for (const [index, { name }] of addons.entries()) {
    if (name !== "dns" && name !== "storage") continue;
    const message = `"${name}" is a part of our own nodes: distribution ${type} ${name === "dns" ? "brings CoreDNS itself" : "has none of it"}`;
    problems.push({ path: ["addons", index, "name"], message });
  }
  return [...problems, ...checkCapacities(config, type)];
}

/** Upstream's kubelet tells what the machine has, whatever one wishes; only the number of pods is a setting. */
function checkCapacities(config: Partial<ClusterConfig>, type: DistributionType): ConfigProblem[] {
  const { controlPlane, workers = [] } = config;
  const places: [FieldPath, Record<string, unknown>][] = [
    ...(controlPlane ? [[["controlPlane", "capacity"], controlPlane.capacity] as [FieldPath, object]] : []),
    ...workers.map((pool, index): [FieldPath, object] => [["workers", index, "capacity"], pool.capacity]),
  ] as [FieldPath, Record<string, unknown>][];
  return places.flatMap(([path, capacity]) =>
    ["cpu", "memory"]
      .filter((field) => capacity[field] !== undefined)
      .map((field) => ({
        path: [...path, field],
        message: `cannot be chosen with distribution ${type}: its nodes offer what their machines have`,
      })),
  );
}

function checkKubeadm({ distribution, controlPlane }: Partial<ClusterConfig>): ConfigProblem[] {
  if (distribution?.type !== "kubeadm" || !controlPlane) return [];
  const problems: ConfigProblem[] = [];
  const { etcd, replicas } = controlPlane;
  if (etcd && !(etcd.caFile && etcd.certFile && etcd.keyFile)) {
    problems.push(problem("controlPlane.etcd", "must have caFile, certFile and keyFile with distribution kubeadm"));
  }
  if (!etcd && replicas % 2 === 0) {
    const message = `must be odd: with ${replicas} members, etcd stands no more losses than with ${replicas - 1}`;
    problems.push(problem("controlPlane.replicas", message));
  }
  for (const [index, { type, patch }] of distribution.patches.entries()) {
    if ((type === "json") === Array.isArray(patch)) continue;
    const message = type === "json" ? "must be a list of operations where type is json" : "must be a mapping of fields";
    problems.push({ path: ["distribution", "patches", index, "patch"], message });
  }
  return problems;
}

function checkK3s({ distribution, network, controlPlane }: Partial<ClusterConfig>): ConfigProblem[] {
  if (distribution?.type !== "k3s") return [];
  const problems: ConfigProblem[] = [];
  if (network?.plugin === "flannel") {
    problems.push(problem("network.plugin", "must be none for k3s' own flannel: see distribution.flannelBackend"));
  }
  if (
    network &&
    (network.plugin === "calico" || network.plugin === "cilium") &&
    distribution.flannelBackend !== "none"
  ) {
    problems.push(problem("distribution.flannelBackend", `must be none with network.plugin ${network.plugin}`));
  }
  if (!controlPlane) return problems;
  const { etcd, replicas, apiServer } = controlPlane;
  if (!etcd && replicas % 2 === 0) {
    const message = `must be odd: with ${replicas} members, etcd stands no more losses than with ${replicas - 1}`;
    problems.push(problem("controlPlane.replicas", message));
  }
  if (apiServer.authorizationConfig !== undefined) {
    const message = "cannot be given with distribution k3s, which says itself who is asked";
    problems.push(problem("controlPlane.apiServer.authorizationConfig", message));
  }
  if (apiServer.encryptionProviderConfig !== undefined) {
    const message = "cannot be given with distribution k3s, which writes its own: see distribution.secretsEncryption";
    problems.push(problem("controlPlane.apiServer.encryptionProviderConfig", message));
  }
  return problems;
}
