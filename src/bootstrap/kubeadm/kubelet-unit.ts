// The kubelet's systemd unit and kubeadm's drop-in for it: they come with upstream's packages, not with kubeadm itself, and here with
// neither.

import type { FileSpec } from "../machine-description.ts";
import { programsFolder } from "./paths.ts";

const unitFile = "/etc/systemd/system/kubelet.service";
const dropInFile = "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf";

/** Before kubeadm has written its configuration the kubelet ends at once, and is started again every ten seconds, as upstream has it. */
export function kubeletUnitFiles(): FileSpec[] {
  const unit = `[Unit]
Description=kubelet: the Kubernetes node agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target containerd.service

[Service]
ExecStart=${programsFolder}/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
`;
  const dropIn = `# What kubeadm writes is read here: config.yaml and kubeadm-flags.env. /etc/default/kubelet is for a person's KUBELET_EXTRA_ARGS.
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=${programsFolder}/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`;
  return [
    { path: unitFile, content: unit },
    { path: dropInFile, content: dropIn },
  ];
}

export const kubeletFiles: readonly string[] = [unitFile, dropInFile];
