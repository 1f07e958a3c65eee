// Where things of distribution kubeadm lie on a machine. What we hand over lies in a folder of our own until it is sure that the machine
// is no other cluster's.

export const kubeadmFolder = "/var/lib/slipway/kubeadm";
export const configFile = `${kubeadmFolder}/config.yaml`;
export const resetConfigFile = `${kubeadmFolder}/reset.yaml`;
export const upgradeConfigFile = `${kubeadmFolder}/upgrade.yaml`;
/** Where programs lie until it is their turn: a kubelet must never be newer than its API server. */
export const broughtPrograms = `${kubeadmFolder}/programs`;
export const handedPki = `${kubeadmFolder}/pki`;
export const patchesFolder = `${kubeadmFolder}/patches`;
/** Files of the API server's that the configuration names: policies, other configurations. */
export const apiServerFolder = "/etc/kubernetes/slipway";

export const kubernetesPki = "/etc/kubernetes/pki";
export const programsFolder = "/usr/bin";

/** What lies there, the kubelet runs as a static Pod. */
export const manifestsFolder = "/etc/kubernetes/manifests";
/** Where manifests lie whose Pods are stopped for a while; on the same file system, so that a move is whole at once. */
export const heldManifests = "/etc/kubernetes/slipway-held";

/** A file that says that the machine is this cluster's: a later run goes on where an earlier one was cut off, and only what is ours is
 * taken off again. */
export function ownMark(cluster: string): string {
  return `${kubeadmFolder}/cluster-${cluster}`;
}

/** There once kubeadm has brought what it looks after on the machine to the version. */
export function versionMark(version: string): string {
  return `${kubeadmFolder}/kubeadm-${version}-done`;
}

/** There once the kubelet of the version was started. */
export function kubeletMark(version: string): string {
  return `${kubeadmFolder}/kubelet-${version}-started`;
}
