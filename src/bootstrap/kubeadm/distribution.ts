// Distribution "kubeadm": upstream Kubernetes. This tool makes the authorities, the token and kubeadm's configuration on the client, hands
// them to the machines, and runs kubeadm there.

import { type ClusterConfig, knownVersions } from "#config";
import type { Distribution } from "../distribution.ts";
import { describeKubeadmCertificates } from "./certificates.ts";
import { kubeadmOptions, kubeadmVersion } from "./cluster-configuration.ts";
import { describeKubeadmLeave, describeKubeadmSnapshot } from "./etcd.ts";
import { kubeadmImages } from "./images.ts";
import { describeKubeadmMachine } from "./machine.ts";
import { describeKubeadmRemoval } from "./removal.ts";
import { describeKubeadmRestore } from "./restore-data.ts";

export const kubeadmDistribution: Distribution = {
  name: "kubeadm",
  versions: knownVersions.kubeadm,
  joinsByBootstrapToken: true,
  describeMachine: describeKubeadmMachine,
  images: (config) => ({ names: imagesOf(config), archives: [] }),
  importImages: (archive) => ["ctr", "--namespace", "k8s.io", "images", "import", archive],
  describeSnapshot: describeKubeadmSnapshot,
  describeRemoval: describeKubeadmRemoval,
  describeLeave: describeKubeadmLeave,
  certificates: describeKubeadmCertificates,
  describeRestore: describeKubeadmRestore,
};

/** Without etcd's where that is not kubeadm's, and without kube-proxy's where nobody runs it. */
function imagesOf(config: ClusterConfig): string[] {
  const { imageRepository: repository } = kubeadmOptions(config);
  const unused = [
    ...(config.controlPlane.etcd ? ["etcd"] : []),
    ...(config.network.proxy === "none" ? ["kube-proxy"] : []),
  ];
  return kubeadmImages(kubeadmVersion(config), { repository }).filter(
    (image) => !unused.some((name) => image.includes(`/${name}:`)),
  );
}
