// The certificates of a node: which there are, what each is asked for, and when it is time for new ones. Pure.

import { X509Certificate } from "node:crypto";

export interface Identity {
  /** The file's name in the folder, without its ending. */
  readonly file: "kubelet-client" | "kubelet" | "proxy" | "dns" | "storage";
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly signerName: string;
  readonly usages: readonly string[];
}

/** Signs for what runs beside the kubelet, if a node asks for it (certificatesigningrequest-approving). */
export const agentClientSigner = "slipway.dev/agent-client";

const clientUsages = ["client auth", "digital signature"];
const nodes = ["system:nodes"];

/** The first is the node's own, in whose name the others are asked for. */
export function listIdentities(node: { readonly name: string; readonly address: string }): readonly Identity[] {
  const commonName = `system:node:${node.name}`;
  const beside = (file: Identity["file"], user: string): Identity => {
    return { file, commonName: user, organizations: [], signerName: agentClientSigner, usages: clientUsages };
  };
  return [
    {
      file: "kubelet-client",
      commonName,
      organizations: nodes,
      signerName: "kubernetes.io/kube-apiserver-client-kubelet",
      usages: clientUsages,
    },
    {
      file: "kubelet",
      commonName,
      organizations: nodes,
      dnsNames: [node.name],
      ipAddresses: [node.address],
      signerName: "kubernetes.io/kubelet-serving",
      usages: ["digital signature", "server auth"],
    },
    beside("proxy", "system:kube-proxy"),
    beside("dns", "system:coredns"),
    beside("storage", "system:slipway:local-path"),
  ];
}

/** When so much of its life is over, a certificate is renewed. */
const renewAfter = 0.8;

/** When it must be renewed, as milliseconds since the epoch. */
export function renewalTime(certificate: string): number {
  const { validFrom, validTo } = new X509Certificate(certificate);
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  return from + (to - from) * renewAfter;
}
