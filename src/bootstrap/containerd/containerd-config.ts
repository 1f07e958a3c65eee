// containerd's configuration for one node: everything it keeps lies in the node's own folders, so that many run side by side on one
// host, beside one that the host or Docker may have. Pure.

export interface ContainerdSettings {
  /** On disk: images, snapshots, containers. */
  readonly root: string;
  /** For as long as it runs: sockets, pipes, namespaces. */
  readonly state: string;
  readonly criSocket: string;
  readonly ttrpcSocket: string;
  readonly sandboxImage: string;
  readonly cniPlugins: string;
  readonly cniConfig: string;
  readonly runc: string;
  readonly runcRoot: string;
  readonly snapshotter: "overlayfs" | "native";
  /** Where CAP_SYS_RESOURCE is missing, runc cannot lower a process's oom_score_adj, and dies trying. */
  readonly restrictOomScoreAdj: boolean;
  /** Folders with a file hosts.toml per registry, the first that has one for it counts. Default: the host's own. */
  readonly registryFolders?: readonly string[];
}

/** Plug-ins that have nothing to do here; each would cost memory, time at start or timers. */
const unused = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.blockfile",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.internal.v1.restart",
  "io.containerd.internal.v1.tracing",
  "io.containerd.tracing.processor.v1.otlp",
  "io.containerd.nri.v1.nri",
];

/** As TOML, in version 2 of the format, which containerd 1.6 to 2 read. */
export function renderContainerdConfig(settings: ContainerdSettings): string {
  const text = JSON.stringify;
  const registryFolders = [...(settings.registryFolders ?? []), "/etc/containerd/certs.d"];
  return `version = 2
root = ${text(settings.root)}
state = ${text(settings.state)}
disabled_plugins = [${unused.map((name) => text(name)).join(", ")}]

[grpc]
  address = ${text(settings.criSocket)}

[ttrpc]
  address = ${text(settings.ttrpcSocket)}

[debug]
  level = "warn"

[plugins."io.containerd.internal.v1.opt"]
  path = ${text(`${settings.root}/opt`)}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(settings.sandboxImage)}
  restrict_oom_score_adj = ${settings.restrictOomScoreAdj}
  netns_mounts_under_state_dir = true
  disable_tcp_service = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  tolerate_missing_hugetlb_controller = true
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true
  stats_collect_period = 60

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = ${text(settings.cniPlugins)}
  conf_dir = ${text(settings.cniConfig)}

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = ${text(registryFolders.join(":"))}

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = ${text(settings.snapshotter)}
  default_runtime_name = "runc"
  discard_unpacked_layers = true

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  BinaryName = ${text(settings.runc)}
  Root = ${text(settings.runcRoot)}
  SystemdCgroup = false
`;
}
