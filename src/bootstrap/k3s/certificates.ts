// The certificates on a machine of distribution k3s. k3s signs them anew by itself, when it starts and they are soon over.

import type { ClusterConfig } from "#config";
import type { CertificateCare } from "../distribution.ts";
import { k3sOptions, serverTls } from "./paths.ts";

/** Beside them lie containers' files, which are not the cluster's. */
const ofAgent = ["client-kubelet", "client-kube-proxy", "client-k3s-controller", "serving-kubelet"];

export function describeK3sCertificates(config: ClusterConfig): CertificateCare {
  const options = k3sOptions(config);
  return {
    places: [serverTls(options), ...ofAgent.map((name) => `${options.dataDir}/agent/${name}.crt`)],
    rotates: false,
    instead: {
      renew: "On one machine after the other: stop k3s, run `k3s certificate rotate`, start k3s.",
      rotate: "On a server: `k3s certificate rotate-ca`, as k3s' documentation tells.",
    },
  };
}
