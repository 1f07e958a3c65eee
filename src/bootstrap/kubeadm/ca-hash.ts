// The pin of an authority by which joining machines know it: kubeadm's caCertHashes.

import { createHash, X509Certificate } from "node:crypto";

/** "sha256:" and the digest of the public key (SubjectPublicKeyInfo, DER) of a certificate in PEM. */
export function hashPublicKey(certificate: string): string {
  const key = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  return `sha256:${createHash("sha256").update(key).digest("hex")}`;
}
