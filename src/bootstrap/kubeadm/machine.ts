// A machine of distribution kubeadm, from a bare operating system to a node: what it needs, what it is handed, and kubeadm's own command.

import type { ClusterConfig } from "#config";
import type { BootstrapInput } from "../distribution.ts";
import { apiPort } from "../host/api-port.ts";
import { containerdPackages, describeHostRuntime, imagesFolder, registriesFolder } from "../host/containerd.ts";
import { apiServerFiles, readGivenFiles } from "../host/given-files.ts";
import { describeKernel } from "../host/kernel.ts";
import { describeVirtualAddress } from "../host/virtual-address.ts";
import { renderMirrorHosts } from "../images/image-reference.ts";
import type { ArtifactSpec, CommandSpec, FileSpec, MachineDescription } from "../machine-description.ts";
import { kubeadmOptions, kubeadmVersion } from "./cluster-configuration.ts";
import { authorityFiles, configurationFiles, patchFiles } from "./files.ts";
import { pauseImage } from "./images.ts";
import { kubeletUnitFiles } from "./kubelet-unit.ts";
import {
  apiServerFolder,
  broughtPrograms,
  configFile,
  handedPki,
  kubeadmFolder,
  kubeletMark,
  kubernetesPki,
  ownMark,
  programsFolder,
  upgradeConfigFile,
  versionMark,
} from "./paths.ts";

/** What upstream's packages of kubeadm and kubelet depend on, and what pods' volumes and services want. */
const packages = [
  ...containerdPackages,
  "conntrack",
  "ethtool",
  "iproute2",
  "iptables",
  "kmod",
  "mount",
  "nftables",
  "procps",
  "socat",
];

export async function describeKubeadmMachine(input: BootstrapInput): Promise<MachineDescription> {
  const { config, duty, authorities } = input;
  const version = kubeadmVersion(config);
  const kernel = describeKernel();
  const virtualAddress = describeVirtualAddress(input);
  const runtime = describeHostRuntime({
    sandboxImage: pauseImage(version, { repository: kubeadmOptions(config).imageRepository }),
  });
  const handed =
    duty === "join-worker"
      ? []
      : [
          ...(await authorityFiles(config, authorities)),
          ...(await readGivenFiles(apiServerFiles(config, apiServerFolder))),
        ];
  return {
    checks: [guard(input)],
    artifacts: programs(version, input.platform),
    imagesFolder,
    packages: [...packages, ...virtualAddress.packages],
    files: [
      ...kernel.files,
      ...runtime.files,
      ...mirrorFiles(config),
      ...kubeletUnitFiles(),
      ...configurationFiles(input),
      ...patchFiles(input),
      ...handed,
      ...virtualAddress.files,
    ],
    commands: [...kernel.commands, ...runtime.commands, ...virtualAddress.commands, ...kubeadmCommands(input)],
    units: virtualAddress.units,
  };
}

/** Where containerd looks by itself. */
function mirrorFiles({ images }: ClusterConfig): FileSpec[] {
  return Object.entries(images.mirrors).map(([registry, urls]) => ({
    path: `${registriesFolder}/${registry}/hosts.toml`,
    content: renderMirrorHosts(registry, urls),
  }));
}

/** kubeadm goes first in an upgrade; the others wait until what it looks after is at their version. */
function programs(version: string, platform: string): ArtifactSpec[] {
  const places = { kubeadm: programsFolder, kubelet: broughtPrograms, kubectl: broughtPrograms };
  return Object.entries(places).map(([name, folder]) => ({
    name: `${name}-${version}-${platform}`,
    path: `${folder}/${name}`,
    mode: 0o755,
  }));
}

const guardScript = `if [ ! -e "$1" ]; then
  for file in /etc/kubernetes/kubelet.conf /etc/kubernetes/manifests/kube-apiserver.yaml; do
    [ ! -e "$file" ] || { echo "this machine is a node of another cluster: $file is there" >&2; exit 1; }
  done
fi
mkdir -p "$(dirname "$1")"
: >"$1"`;

function guard({ config }: BootstrapInput): CommandSpec {
  return { title: "See that the machine is free", argv: ["sh", "-ec", guardScript, "sh", ownMark(config.name)] };
}

/** Checks that fail after an attempt that was cut off, because of what it left: kubeadm itself finds that and goes on with it. */
function leftByAttempt({ config, duty }: BootstrapInput): string[] {
  const file = (path: string) => path.replaceAll("/", "-");
  const manifests = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"];
  const files = [
    ...manifests.map((name) => `/etc/kubernetes/manifests/${name}.yaml`),
    "/etc/kubernetes/kubelet.conf",
    "/etc/kubernetes/bootstrap-kubelet.conf",
    `${kubernetesPki}/ca.crt`,
  ];
  const ports = [apiPort(config), 10250, 10257, 10259, 2379, 2380];
  return [
    ...files.map((path) => `FileAvailable-${file(path)}`),
    `DirAvailable-${file("/etc/kubernetes/manifests")}`,
    ...(duty === "join-worker" ? [] : [`DirAvailable-${file(kubeadmOptions(config).etcd.dataDir)}`]),
    ...ports.map((port) => `Port-${port}`),
  ];
}

/** Once it has succeeded it is not run again; while it has not, it goes on where it was cut off. */
const kubeadmScript = `begun=$1 ignored=$2 version=$3 kubelet=$4 done=$5
shift 5
[ ! -e "$begun" ] || set -- "$@" "--ignore-preflight-errors=$ignored"
: >"$begun"
kubeadm "$@"
for mark in "$version" "$kubelet" "$done"; do : >"$mark"; done`;

/** A program that runs is not written to: its file is exchanged. */
const placeScript = `for program in kubelet kubectl; do
  cmp -s "$1/$program" "$2/$program" && continue
  cp "$1/$program" "$2/$program.new"
  mv -f "$2/$program.new" "$2/$program"
done`;

const startKubeletScript = `${placeScript}
systemctl daemon-reload
systemctl restart kubelet
: >"$3"`;

const upgradeScript = `mark=$1
shift
kubeadm upgrade "$@"
: >"$mark"`;

function kubeadmCommands(input: BootstrapInput): CommandSpec[] {
  const { config, duty } = input;
  const { verbosity, ignorePreflightErrors } = kubeadmOptions(config);
  const version = kubeadmVersion(config);
  const flags = ["--config", configFile, ...(verbosity > 0 ? [`-v=${verbosity}`] : [])];
  const [begun, done] = [`${kubeadmFolder}/${duty}-begun`, `${kubeadmFolder}/${duty}-done`];
  const ignored = [...leftByAttempt(input), ...ignorePreflightErrors].join(",");
  const marks = [versionMark(version), kubeletMark(version), done];
  const titles = {
    init: "Start the first control plane: kubeadm init",
    "join-control-plane": "Join as a control plane: kubeadm join",
    "join-worker": "Join as a node: kubeadm join",
  };
  const script = (title: string, text: string, ...args: string[]) => ({
    title,
    argv: ["sh", "-ec", text, "sh", ...args],
  });
  return [
    ...(duty === "join-worker" ? [] : [script("Hand over the authorities", handOver, handedPki, kubernetesPki)]),
    { ...script("Put the kubelet in its place", placeScript, broughtPrograms, programsFolder), creates: done },
    { title: "Make the kubelet known", argv: ["sh", "-ec", "systemctl daemon-reload\nsystemctl enable -q kubelet"] },
    {
      ...script(titles[duty], kubeadmScript, begun, ignored, ...marks, duty === "init" ? "init" : "join", ...flags),
      creates: done,
    },
    ...upgradeCommands(input, version),
  ];
}

/**
 * From here on a node is of another version. kubeadm first, which leaves the kubelet alone; the kubelet last.
 * https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade/
 */
function upgradeCommands({ config, duty, controlPlanes, machine }: BootstrapInput, version: string): CommandSpec[] {
  const { verbosity } = kubeadmOptions(config);
  const flags = ["--config", upgradeConfigFile, ...(verbosity > 0 ? [`-v=${verbosity}`] : [])];
  const isFirst = duty !== "join-worker" && controlPlanes[0]?.name === machine.name;
  const words = isFirst ? ["apply", "--yes"] : ["node"];
  return [
    {
      title: `Upgrade to ${version}: kubeadm upgrade ${words[0]}`,
      argv: ["sh", "-ec", upgradeScript, "sh", versionMark(version), ...words, ...flags],
      creates: versionMark(version),
    },
    {
      title: `Start kubelet ${version}`,
      argv: ["sh", "-ec", startKubeletScript, "sh", broughtPrograms, programsFolder, kubeletMark(version)],
      creates: kubeletMark(version),
    },
  ];
}

const handOver = `mkdir -p "$2"
cp -a "$1/." "$2/"`;
