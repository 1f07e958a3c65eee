// The images of a control plane that kubeadm sets up, as `kubeadm config images list` prints them: what a bundle must hold, and what
// containerd's sandboxes are made of. Data; the numbers are constants of each kubeadm.

import { minorOf } from "#config";

interface ImageVersions {
  readonly coredns: string;
  readonly pause: string;
  readonly etcd: string;
}

/** By minor release. */
const imageVersions: Readonly<Record<string, ImageVersions>> = {
  "1.36": { coredns: "v1.14.2", pause: "3.10.2", etcd: "3.6.8-0" },
  "1.35": { coredns: "v1.13.1", pause: "3.10.1", etcd: "3.6.6-0" },
  "1.34": { coredns: "v1.12.1", pause: "3.10.1", etcd: "3.6.5-0" },
};

export const defaultImageRepository = "registry.k8s.io";

export interface ImageOptions {
  /** Default: upstream's. */
  readonly repository?: string | undefined;
}

function versionsOf(version: string): ImageVersions {
  const found = imageVersions[minorOf(version)];
  if (!found) throw new Error(`Cannot name the images of Kubernetes ${version}: kubeadm of that release is not known`);
  return found;
}

/** Every image, in kubeadm's order. `version` is such as "1.36.2". */
export function kubeadmImages(version: string, { repository = defaultImageRepository }: ImageOptions = {}): string[] {
  const { coredns, etcd } = versionsOf(version);
  const components = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"];
  // Only upstream's own registry has CoreDNS in a folder of its name.
  const dns = repository === defaultImageRepository ? "coredns/coredns" : "coredns";
  return [
    ...components.map((name) => `${repository}/${name}:v${version}`),
    `${repository}/${dns}:${coredns}`,
    pauseImage(version, { repository }),
    `${repository}/etcd:${etcd}`,
  ];
}

export function pauseImage(version: string, { repository = defaultImageRepository }: ImageOptions = {}): string {
  return `${repository}/pause:${versionsOf(version).pause}`;
}
