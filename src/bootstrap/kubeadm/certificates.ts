// The certificates on a machine of distribution kubeadm: its own, those inside its kubeconfigs, and the kubelet's.

import type { ClusterConfig } from "#config";
import type { CertificateCare } from "../distribution.ts";
import type { CommandSpec } from "../machine-description.ts";
import { kubernetesPki } from "./paths.ts";
import { untilTrue } from "./shell-functions.ts";
import { putPodsBack, restartPods } from "./static-pods.ts";

const kubeletPki = "/var/lib/kubelet/pki";

/** Under their files' names here, kubeadm's own there; all but etcd's are on every control plane. */
const ofEveryControlPlane: Readonly<Record<string, string>> = {
  apiserver: "apiserver",
  "apiserver-kubelet-client": "apiserver-kubelet-client",
  "front-proxy-client": "front-proxy-client",
  "admin.conf": "admin.conf",
  "controller-manager.conf": "controller-manager.conf",
  "scheduler.conf": "scheduler.conf",
};
const ofKubeadm: Readonly<Record<string, string>> = {
  ...ofEveryControlPlane,
  "super-admin.conf": "super-admin.conf",
  "apiserver-etcd-client": "apiserver-etcd-client",
  "etcd/server": "etcd-server",
  "etcd/peer": "etcd-peer",
  "etcd/healthcheck-client": "etcd-healthcheck-client",
};
/** People's; no component reads them. */
const ofPeople = ["admin.conf", "super-admin.conf"];

export function describeKubeadmCertificates(config: ClusterConfig): CertificateCare {
  return {
    places: [
      kubernetesPki,
      ...["admin", "super-admin", "controller-manager", "scheduler"].map((name) => `/etc/kubernetes/${name}.conf`),
      kubeletPki,
    ],
    renew(machine, names) {
      const own = names.filter((name) => Object.hasOwn(ofKubeadm, name));
      const isRead = own.some((name) => !ofPeople.includes(name));
      return [
        ...(own.length > 0 ? [putPodsBack(config, machine), renewByKubeadm(own)] : []),
        ...(isRead ? [restartPods(config, machine)] : []),
        ...(names.includes("kubelet") ? [renewServingCertificate] : []),
      ];
    },
    leftAlone: {
      "kubelet-client-current": "the kubelet renews it itself while it runs",
      "kubelet-server-current": "the kubelet renews it itself while it runs",
      "external-etcd/client": "it is the one that controlPlane.etcd names",
    },
    rotates: false,
    insteadOfRotation:
      "kubeadm has no command for it; Kubernetes' documentation tells how: Manual Rotation of CA Certificates.",
  };
}

/** It takes names, lifetimes and kinds of keys from what is there and from the cluster's own configuration. */
function renewByKubeadm(own: readonly string[]): CommandSpec {
  const isAll = Object.keys(ofEveryControlPlane).every((name) => own.includes(name));
  const known = isAll ? ["all"] : own.map((name) => ofKubeadm[name]!);
  const argv = ["sh", "-ec", 'for name in "$@"; do kubeadm certs renew "$name"; done', "sh", ...known];
  return { title: `Issue certificates anew: kubeadm certs renew ${known.join(", ")}`, argv };
}

/** The kubelet signs that one itself when it starts and has none, and never again. */
const renewServingCertificate: CommandSpec = {
  title: "Start the kubelet with a new certificate",
  argv: [
    "sh",
    "-ec",
    `${untilTrue}rm -f "$1/kubelet.crt" "$1/kubelet.key"
systemctl restart kubelet
until_true 120 test -s "$1/kubelet.crt" || { echo "the kubelet has not come up" >&2; exit 1; }`,
    "sh",
    kubeletPki,
  ],
};
