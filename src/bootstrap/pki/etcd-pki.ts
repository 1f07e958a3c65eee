// Certificates of an etcd that runs on control planes, signed there by etcd's own authority, under kubeadm's names.

import { ensureCertificate, readPair } from "./cluster-pki.ts";

/** `folder` holds etcd/ca.crt and etcd/ca.key. Makes what is missing, signs anew what no longer fits. */
export async function ensureEtcdPki(
  folder: string,
  { name, address }: { readonly name: string; readonly address: string },
): Promise<void> {
  const authority = await readPair(folder, "etcd/ca");
  if (!authority) throw new Error(`Cannot sign etcd's certificates: there is no authority in ${folder}/etcd`);
  const member = {
    commonName: name,
    usages: ["server", "client"] as const,
    dnsNames: [name, "localhost"],
    ipAddresses: [...new Set(["127.0.0.1", address])],
  };
  await Promise.all([
    ensureCertificate(folder, "etcd/server", authority, member),
    ensureCertificate(folder, "etcd/peer", authority, member),
    ensureCertificate(folder, "apiserver-etcd-client", authority, {
      commonName: "kube-apiserver-etcd-client",
      usages: ["client"],
    }),
  ]);
}
