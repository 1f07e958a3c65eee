// A node of distribution "slipway" on a local machine: containerd and the agent, each a unit, in the machine's network namespace.

import { join } from "node:path";
import type { ClusterConfig, NodeCapacity, NodeTaint } from "#config";
import { enterMachine, type Machine, shortName } from "#provision";
import { renderContainerdConfig } from "../containerd/containerd-config.ts";
import { describeMirrors } from "../containerd/mirrors.ts";
import type { ImageMirrors } from "../images/image-reference.ts";
import { sandboxImageName } from "../images/sandbox-image.ts";
import { type MachineDescription, settingsMark } from "../machine-description.ts";
import { type HostTools, toolPath } from "../packages/host-tools.ts";
import { type Resolver, renderResolverRules } from "../resolver.ts";

/** Those on a node who act in their own name. */
export type NodeUser = "kubelet" | "proxy" | "dns" | "storage";

/** What a node's agent is started with: a JSON file. */
export interface AgentOptions {
  readonly nodeName: string;
  readonly nodeAddress: string;
  /** Each component's identity. */
  readonly kubeconfigs: Readonly<Record<NodeUser, string>>;
  readonly criSocket: string;
  /** Where pods' volumes, plug-ins and checkpoints are kept. */
  readonly kubeletFolder: string;
  /** Where the folders lie that are persistent volumes. */
  readonly volumesFolder: string;
  /** Where pods' log files are kept, /var/log/pods elsewhere. */
  readonly podLogsFolder: string;
  /** Where log collectors look for links to them; absent: none are made. */
  readonly containerLogLinks?: string;
  /** How it comes to its certificates; absent: they are made for it. */
  readonly identity?: NodeIdentityOptions;
  /** How it brings the sandbox image, and the archives in a folder, to its containerd; absent: they are there. */
  readonly sandbox?: {
    readonly ctr: string;
    readonly snapshotter: "overlayfs" | "native";
    readonly archives?: string;
  };
  readonly servingCertificate: string;
  readonly servingKey: string;
  readonly clientAuthority: string;
  /** The cgroup below which pods' cgroups are made, such as /slipway/demo/worker-1. */
  readonly cgroupRoot: string;
  readonly cniConfigFolder: string;
  readonly cniPlugins: string;
  /** The name of the pod network in the CNI configuration. */
  readonly podNetwork: string;
  /** Where the addresses given to pods are noted. */
  readonly podAddressesFolder: string;
  readonly podCIDR: string;
  readonly serviceCIDR: string;
  readonly dnsDomain: string;
  readonly clusterDNS: string;
  /** The resolv.conf of pods that do not use the cluster's DNS; whom it names is asked for names outside of the cluster. */
  readonly resolverFile: string;
  readonly networkPlugin: "slipway" | "none";
  readonly proxy: "nftables" | "none";
  readonly dns: "slipway" | "none";
  readonly storage: "local-path" | "none";
  readonly taints: readonly NodeTaint[];
  readonly capacity: NodeCapacity;
}

export interface NodeIdentityOptions {
  /** Certificates and keys: kubelet-client, kubelet (its server), proxy, dns, storage. Those that lack are asked for, all are renewed. */
  readonly folder: string;
  /** With a bootstrap token, for a node that has no identity yet. */
  readonly bootstrapKubeconfig?: string;
}

export interface NodePaths {
  /** containerd's own. */
  readonly containerd: string;
  readonly containerdConfig: string;
  readonly cniConfig: string;
  readonly kubelet: string;
  readonly volumes: string;
  readonly podLogs: string;
  readonly pki: string;
  readonly agentOptions: string;
  kubeconfig(user: NodeUser): string;
  /** Sockets and state, short enough for the kernel. */
  readonly run: string;
  readonly criSocket: string;
}

export function nodePaths(machine: Machine): NodePaths {
  const disk = machine.handle["folder"]!;
  const run = machine.handle["run"]!;
  return {
    containerd: join(disk, "containerd"),
    containerdConfig: join(disk, "containerd.toml"),
    cniConfig: join(disk, "cni"),
    kubelet: join(disk, "kubelet"),
    volumes: join(disk, "volumes"),
    podLogs: join(disk, "pod-logs"),
    pki: join(disk, "pki"),
    agentOptions: join(disk, "agent.json"),
    kubeconfig: (user) => join(disk, `${user}.kubeconfig`),
    run,
    criSocket: join(run, "cri.sock"),
  };
}

export function runtimeUnit(cluster: string, machine: string): string {
  return `containerd-${shortName(cluster, machine)}`;
}

export function agentUnit(cluster: string, machine: string): string {
  return `agent-${shortName(cluster, machine)}`;
}

/** The name of the node's pod network, unlike any other on this host: libcni files what it remembers under it. */
export function podNetworkName(cluster: string, machine: string): string {
  return `slipway.${cluster}.${shortName(cluster, machine)}`;
}

export interface RuntimeTraits {
  readonly mirrors?: ImageMirrors;
  readonly tools: HostTools;
  readonly snapshotter: "overlayfs" | "native";
  readonly restrictOomScoreAdj: boolean;
  readonly resolver: Resolver;
}

/** containerd on the machine. Pure. */
export function describeRuntime(
  cluster: string,
  machine: Machine,
  paths: NodePaths,
  traits: RuntimeTraits,
): MachineDescription {
  const { tools } = traits;
  const mirrors = describeMirrors(traits.mirrors ?? {}, join(paths.containerd, ".."));
  const config = renderContainerdConfig({
    registryFolders: mirrors.folders,
    root: paths.containerd,
    state: join(paths.run, "containerd"),
    criSocket: paths.criSocket,
    ttrpcSocket: join(paths.run, "ttrpc.sock"),
    sandboxImage: sandboxImageName,
    cniPlugins: tools.cniPlugins,
    cniConfig: paths.cniConfig,
    runc: tools.runc,
    runcRoot: join(paths.run, "runc"),
    snapshotter: traits.snapshotter,
    restrictOomScoreAdj: traits.restrictOomScoreAdj,
  });
  const names = describeResolver(machine, paths, traits);
  return {
    files: [{ path: paths.containerdConfig, content: config }, ...mirrors.files, ...names.files],
    commands: names.commands,
    units: [
      {
        name: runtimeUnit(cluster, machine.name),
        argv: [...enterMachine(machine), tools.containerd, "--config", paths.containerdConfig],
        env: { PATH: toolPath(tools), ...settingsMark(config) },
        after: [],
        ready: { kind: "socket", path: paths.criSocket },
      },
    ],
  };
}

/** containerd resolves registries' names by the host's resolv.conf. */
function describeResolver(machine: Machine, paths: NodePaths, { resolver, tools }: RuntimeTraits) {
  const rules = renderResolverRules(resolver);
  if (rules === undefined) return { files: [], commands: [] };
  const path = join(paths.run, "resolver.nft");
  const inMachine = enterMachine(machine);
  return {
    files: [{ path, content: rules }],
    commands: [
      { argv: [...inMachine, tools.nft, "-f", path] },
      // Answers come back to the loopback through the machine's cable.
      { argv: [...inMachine, "sysctl", "-q", "-w", "net.ipv4.conf.eth0.route_localnet=1"] },
    ],
  };
}

export interface AgentTraits {
  readonly tools: HostTools;
  readonly clusterDNS: string;
  readonly resolver: Resolver;
  /** The cluster's authority, a file. */
  readonly authority: string;
  /** markOfFiles of its identities: with others it is another unit. */
  readonly identityMark?: string;
  processArguments(optionsFile: string): readonly string[];
}

/** The agent on the machine. Pure. */
export function describeAgent(
  config: ClusterConfig,
  machine: Machine,
  paths: NodePaths,
  traits: AgentTraits,
): MachineDescription {
  const options = `${JSON.stringify(agentOptions(config, machine, paths, traits), null, 2)}\n`;
  return {
    files: [{ path: paths.agentOptions, content: options }],
    commands: [],
    units: [
      {
        name: agentUnit(config.name, machine.name),
        argv: [...enterMachine(machine), ...traits.processArguments(paths.agentOptions)],
        env: { PATH: toolPath(traits.tools), ...settingsMark(options + (traits.identityMark ?? "")) },
        after: ["control-plane", runtimeUnit(config.name, machine.name)],
        ready: { kind: "notify" },
      },
    ],
  };
}

function agentOptions(config: ClusterConfig, machine: Machine, paths: NodePaths, traits: AgentTraits): AgentOptions {
  const { network } = config;
  const { taints, capacity } = nodeSettings(config, machine);
  const hasAddon = (wanted: string) => config.addons.some(({ name }) => name === wanted);
  return {
    nodeName: machine.name,
    nodeAddress: machine.address,
    kubeconfigs: {
      kubelet: paths.kubeconfig("kubelet"),
      proxy: paths.kubeconfig("proxy"),
      dns: paths.kubeconfig("dns"),
      storage: paths.kubeconfig("storage"),
    },
    criSocket: paths.criSocket,
    kubeletFolder: paths.kubelet,
    volumesFolder: paths.volumes,
    podLogsFolder: paths.podLogs,
    servingCertificate: join(paths.pki, "kubelet.crt"),
    servingKey: join(paths.pki, "kubelet.key"),
    clientAuthority: traits.authority,
    cgroupRoot: machine.handle["cgroup"]!,
    cniConfigFolder: paths.cniConfig,
    cniPlugins: traits.tools.cniPlugins,
    podNetwork: podNetworkName(config.name, machine.name),
    podAddressesFolder: join(paths.run, "pod-addresses"),
    podCIDR: network.podCIDR,
    serviceCIDR: network.serviceCIDR,
    dnsDomain: network.dnsDomain,
    clusterDNS: traits.clusterDNS,
    resolverFile: traits.resolver.file,
    // Any other is an add-on, which brings its own agents.
    networkPlugin: network.plugin === "slipway" ? "slipway" : "none",
    proxy: network.proxy,
    dns: hasAddon("dns") ? "slipway" : "none",
    storage: hasAddon("storage") ? "local-path" : "none",
    taints,
    capacity,
  };
}

const controlPlaneLabel = "node-role.kubernetes.io/control-plane";

/** The node's labels, and the taints and the capacity it joins with. A control plane takes no workloads, unless it is the only node. */
export function nodeSettings(config: ClusterConfig, machine: Pick<Machine, "role" | "pool">) {
  const { controlPlane, workers } = config;
  if (machine.role === "worker") {
    const pool = workers.find(({ name }) => name === machine.pool);
    return { labels: pool?.labels ?? {}, taints: pool?.taints ?? [], capacity: pool?.capacity ?? {} };
  }
  const alone = workers.every(({ count }) => count === 0);
  const usual: NodeTaint[] = alone ? [] : [{ key: controlPlaneLabel, value: "", effect: "NoSchedule" }];
  return {
    labels: {
      [controlPlaneLabel]: "",
      "node.kubernetes.io/exclude-from-external-load-balancers": "",
      ...controlPlane.labels,
    },
    taints: controlPlane.taints ?? usual,
    capacity: controlPlane.capacity,
  };
}
