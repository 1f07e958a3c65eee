// What Kubernetes needs of a machine's kernel: modules, settings, no swap. For whole machines with systemd.

import type { CommandSpec, FileSpec } from "../machine-description.ts";

const modulesFile = "/etc/modules-load.d/slipway.conf";
const settingsFile = "/etc/sysctl.d/90-slipway.conf";

/** Pods' traffic is forwarded, and bridged packets are seen by the rules of services; many files are watched. */
const settings = {
  "net.ipv4.ip_forward": 1,
  "net.bridge.bridge-nf-call-iptables": 1,
  "net.bridge.bridge-nf-call-ip6tables": 1,
  "fs.inotify.max_user_instances": 8192,
  "fs.inotify.max_user_watches": 524288,
};

/** A module that is built in, or that the host of a container has, needs no loading. */
const loadModules = `grep -qw overlay /proc/filesystems || modprobe overlay
[ -d /proc/sys/net/bridge ] || modprobe br_netfilter`;

/** Settings that are as wished need no writing: in a container, some cannot be written. */
const applySettings = `while read -r name _ wanted; do
  file=/proc/sys/$(echo "$name" | tr . /)
  found=$(cat "$file") || exit
  case $name in
    fs.*) [ "$found" -ge "$wanted" ] ;;
    *) [ "$found" = "$wanted" ] ;;
  esac || sysctl -q -w "$name=$wanted" || exit
done <"$1"`;

/** In a container, what is shown as swap is its host's. */
const turnSwapOff = `systemd-detect-virt --quiet --container && exit
swapoff -a && sed -i -E 's/^([^#].*[[:space:]]swap[[:space:]].*)$/# \\1/' /etc/fstab`;

export function describeKernel(): { readonly files: readonly FileSpec[]; readonly commands: readonly CommandSpec[] } {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  return {
    files: [
      { path: modulesFile, content: "overlay\nbr_netfilter\n" },
      { path: settingsFile, content: lines.join("") },
    ],
    commands: [
      { title: "Load kernel modules", argv: ["sh", "-ec", loadModules] },
      { title: "Apply kernel settings", argv: ["sh", "-c", applySettings, "sh", settingsFile] },
      { title: "Turn swap off", argv: ["sh", "-c", turnSwapOff] },
    ],
  };
}

/** Files of this machine that are not taken away with the cluster's folder. */
export const kernelFiles: readonly string[] = [modulesFile, settingsFile];
