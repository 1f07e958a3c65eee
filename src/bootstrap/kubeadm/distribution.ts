// Distribution "kubeadm": upstream Kubernetes. This tool makes the authorities, the token and kubeadm's configuration on the client, hands
// them to the machines, and runs kubeadm there.

import { knownVersions } from "#config";
import type { Distribution } from "../distribution.ts";
import { describeKubeadmCertificates } from "./certificates.ts";
import { describeKubeadmLeave, describeKubeadmSnapshot } from "./etcd.ts";
import { describeKubeadmMachine } from "./machine.ts";
import { describeKubeadmRemoval } from "./removal.ts";
import { describeKubeadmRestore } from "./restore-data.ts";

export const kubeadmDistribution: Distribution = {
  name: "kubeadm",
  versions: knownVersions.kubeadm,
  joinsByBootstrapToken: true,
  describeMachine: describeKubeadmMachine,
  describeSnapshot: describeKubeadmSnapshot,
  describeRemoval: describeKubeadmRemoval,
  describeLeave: describeKubeadmLeave,
  certificates: describeKubeadmCertificates,
  describeRestore: describeKubeadmRestore,
};
