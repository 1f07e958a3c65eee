// Takes k3s off a machine that stays: what its own killall and uninstall scripts do, and only where the machine is this cluster's.

import type { BootstrapInput } from "../distribution.ts";
import { kernelFiles } from "../host/kernel.ts";
import { virtualAddressFolder } from "../host/virtual-address.ts";
import type { MachineDescription } from "../machine-description.ts";
import { k3sFolder, k3sOptions, ownMark, programFile } from "./paths.ts";

export function describeK3sRemoval({ config }: Pick<BootstrapInput, "config" | "machine">): MachineDescription {
  const { dataDir } = k3sOptions(config);
  const mark = ownMark(config.name);
  const ifOurs = (title: string, script: string, ...args: string[]) => ({
    title,
    argv: ["sh", "-c", `[ -e "$1" ] || exit 0\nshift\n${script}`, "sh", mark, ...args],
  });
  const units = ["k3s", "k3s-agent"].map((name) => `/etc/systemd/system/${name}.service`);
  const paths = [
    "/etc/rancher/k3s",
    "/etc/rancher/node",
    "/run/k3s",
    "/run/flannel",
    "/var/lib/cni",
    "/var/lib/kubelet",
    "/var/log/containers",
    "/var/log/pods",
    dataDir,
    ...units,
    ...kernelFiles,
    virtualAddressFolder,
    programFile,
    k3sFolder,
  ];
  return {
    files: [],
    commands: [
      ifOurs("Stop k3s", "systemctl disable -q --now k3s k3s-agent 2>/dev/null; true"),
      ifOurs("End its containers", endContainers, dataDir),
      ifOurs("Unmount what pods had", unmountAll, dataDir),
      ifOurs("Take rules and links off", networkScript),
      ifOurs("Delete what is left", 'rm -rf -- "$@"\nsystemctl daemon-reload', ...paths),
    ],
    units: [],
  };
}

/** The shims are its own containerd's, by their path; each goes with what runs below it. */
const endContainers = `for shim in $(pgrep -f "^$1/data/[^/]*/bin/containerd-shim"); do
  for process in $(pgrep -P "$shim") $shim; do kill -9 "$process" 2>/dev/null; done
done
true`;

const unmountAll = `for place in "$1" /run/k3s /var/lib/kubelet/pods /var/lib/kubelet/plugins /run/netns/cni-; do
  awk -v place="$place" 'index($2, place) == 1 { print $2 }' /proc/self/mounts | sort -r | while read -r mount; do
    umount -f "$mount" && case $mount in /run/netns/*) rm -f "$mount" ;; esac
  done
done
true`;

const networkScript = `for link in cni0 flannel.1 flannel-v6.1 flannel-wg kube-ipvs0; do ip link delete "$link" 2>/dev/null; done
for family in ip ip6; do nft delete table "$family" kube-proxy 2>/dev/null; done
for save in iptables ip6tables; do
  command -v "$save-save" >/dev/null || continue
  "$save-save" | grep -v -E 'KUBE-|FLANNEL-|CNI-' | "$save-restore"
done
true`;
