// Takes distribution kubeadm off a machine that stays.

import type { BootstrapInput } from "../distribution.ts";
import { imagesFolder, runtimeFiles } from "../host/containerd.ts";
import { kernelFiles } from "../host/kernel.ts";
import { virtualAddressFolder } from "../host/virtual-address.ts";
import type { CommandSpec, MachineDescription } from "../machine-description.ts";
import { kubeletFiles } from "./kubelet-unit.ts";
import { apiServerFolder, kubeadmFolder, ownMark, programsFolder, resetConfigFile } from "./paths.ts";

/** `kubeadm reset`, then what it leaves: rules, links, files; only where the machine is this cluster's. The packages stay. */
export function describeKubeadmRemoval({ config }: Pick<BootstrapInput, "config" | "machine">): MachineDescription {
  const paths = [
    kubeadmFolder,
    apiServerFolder,
    imagesFolder,
    "/etc/kubernetes",
    "/etc/cni/net.d",
    "/opt/cni/bin",
    "/var/lib/cni",
    "/var/lib/kubelet",
    ...kubeletFiles,
    ...kernelFiles,
    virtualAddressFolder,
    ...runtimeFiles,
    ...["kubeadm", "kubelet", "kubectl"].map((name) => `${programsFolder}/${name}`),
  ];
  const mark = ownMark(config.name);
  const ifOurs = (title: string, script: string, ...args: string[]): CommandSpec => ({
    title,
    argv: ["sh", "-c", `[ -e "$1" ] || exit 0\nshift\n${script}`, "sh", mark, ...args],
  });
  return {
    files: [],
    commands: [
      ifOurs("Reset the node: kubeadm reset", resetScript, resetConfigFile),
      ifOurs("Stop the kubelet", "systemctl disable -q --now kubelet || true"),
      ifOurs("Take rules and links off", networkScript),
      ifOurs("Delete what is left", 'rm -rf -- "$@"\nsystemctl daemon-reload', ...paths),
    ],
    units: [],
  };
}

/** A machine on which kubeadm never came to run has nothing to be reset. */
const resetScript = `command -v kubeadm >/dev/null && [ -e "$1" ] || exit 0
kubeadm reset --config "$1"`;

/** What kube-proxy and the pod networks of the catalogue leave behind; an empty table is no harm. */
const networkScript = `for table in kube-proxy flannel-ipv4 flannel-ipv6; do
  for family in ip ip6 inet; do nft delete table "$family" "$table" 2>/dev/null; done
done
for save in iptables ip6tables; do
  command -v "$save-save" >/dev/null || continue
  "$save-save" | grep -v -E 'KUBE-|FLANNEL-|CNI-|cali-|CILIUM_' | "$save-restore"
done
for link in cni0 flannel.1 kube-ipvs0 vxlan.calico cilium_vxlan cilium_host; do ip link delete "$link" 2>/dev/null; done
true`;
