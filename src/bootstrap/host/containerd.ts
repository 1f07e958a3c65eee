// containerd as the one container runtime of a whole machine, from the distribution's own packages: as Kubernetes wants it, with systemd's
// cgroups and the pod network's plug-ins where add-ons put theirs.

import type { CommandSpec, FileSpec } from "../machine-description.ts";

export const containerdSocket = "unix:///run/containerd/containerd.sock";
export const containerdPackages: readonly string[] = ["containerd", "runc", "containernetworking-plugins"];
/** Its folders say which mirrors stand for a registry. */
export const registriesFolder = "/etc/containerd/certs.d";
/** What lies here when a machine becomes a node is imported: archives of images, from a bundle. */
export const imagesFolder = "/var/lib/slipway/images";

const configFile = "/etc/containerd/config.toml";
const crictlFile = "/etc/crictl.yaml";
const pluginsFolder = "/opt/cni/bin";

export interface HostRuntimeOptions {
  readonly sandboxImage: string;
}

export function describeHostRuntime(options: HostRuntimeOptions): {
  readonly files: readonly FileSpec[];
  readonly commands: readonly CommandSpec[];
} {
  return {
    files: [
      { path: configFile, content: renderConfig(options) },
      { path: crictlFile, content: `runtime-endpoint: ${containerdSocket}\nimage-endpoint: ${containerdSocket}\n` },
    ],
    commands: [
      { title: "Bring the plug-ins of pod networks", argv: ["sh", "-ec", copyPlugins, "sh", pluginsFolder] },
      { title: "Adapt containerd to the machine", argv: ["sh", "-ec", adaptConfig, "sh", configFile] },
      {
        title: "Start containerd",
        argv: ["sh", "-ec", "systemctl enable -q containerd\nsystemctl restart containerd"],
      },
      { title: "Import images", argv: ["sh", "-ec", importImages, "sh", imagesFolder] },
    ],
  };
}

export const runtimeFiles: readonly string[] = [crictlFile];

/** Where the package has them, and none of the names an add-on has put there before. */
const copyPlugins = `mkdir -p "$1"
for folder in /usr/lib/cni /usr/libexec/cni; do
  [ ! -d "$folder" ] || cp -an "$folder/." "$1/"
done
[ -e "$1/loopback" ] || { echo "no CNI plug-ins in /usr/lib/cni, /usr/libexec/cni or $1" >&2; exit 1; }`;

/**
 * Without CAP_SYS_RESOURCE (in some containers) runc cannot lower a process's oom_score_adj, and dies trying; in systemd-nspawn it may not
 * make a session keyring.
 */
const adaptConfig = `effective=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
if [ $((0x$effective >> 24 & 1)) = 0 ]; then
  sed -i 's/^ *restrict_oom_score_adj = .*/  restrict_oom_score_adj = true/' "$1"
fi
if [ "$(systemd-detect-virt --container)" = systemd-nspawn ]; then
  sed -i 's/^ *SystemdCgroup = .*/&\\n  NoNewKeyring = true/' "$1"
fi`;

const importImages = `for archive in "$1"/*; do
  [ ! -e "$archive" ] || ctr -n k8s.io images import "$archive"
done`;

/** Version 2 of the format, which containerd 1.6 to 2 read. */
function renderConfig({ sandboxImage }: HostRuntimeOptions): string {
  const cri = '[plugins."io.containerd.grpc.v1.cri"';
  return `version = 2

${cri}]
  sandbox_image = ${JSON.stringify(sandboxImage)}
  restrict_oom_score_adj = false
  tolerate_missing_hugetlb_controller = true

${cri}.cni]
  bin_dir = "${pluginsFolder}"
  conf_dir = "/etc/cni/net.d"

${cri}.registry]
  config_path = "${registriesFolder}"

${cri}.containerd]
  default_runtime_name = "runc"
  discard_unpacked_layers = true

${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

${cri}.containerd.runtimes.runc.options]
  SystemdCgroup = true
`;
}
