// The certificates on a machine of distribution kubeadm: its own, those inside its kubeconfigs, and the kubelet's.

import type { CertificateCare } from "../distribution.ts";
import { kubernetesPki } from "./paths.ts";

const kubeconfigs = ["admin", "super-admin", "controller-manager", "scheduler"];

export const kubeadmCertificates: CertificateCare = {
  places: [kubernetesPki, ...kubeconfigs.map((name) => `/etc/kubernetes/${name}.conf`), "/var/lib/kubelet/pki"],
  rotates: false,
  instead: {
    renew:
      "On one control plane after the other: `kubeadm certs renew all`, then a restart of its static Pods. Kubelets renew their own.",
    rotate: "kubeadm has no command for it; Kubernetes' documentation tells how: Manual Rotation of CA Certificates.",
  },
};
