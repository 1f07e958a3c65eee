// Asks the cluster for a certificate, and waits until it is approved and signed.

import { createSigningRequest, type KeyPair } from "#bootstrap";
import { type CertificateSigningRequest, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import type { Identity } from "./identities.ts";

/** How long somebody may take to approve it. */
const patienceMs = 15 * 60_000;

/** Throws where it is denied, or cannot be signed. */
export async function requestCertificate(client: Client, identity: Identity, signal: AbortSignal): Promise<KeyPair> {
  const { commonName, organizations, dnsNames = [], ipAddresses = [], signerName, usages } = identity;
  const { request, key } = await createSigningRequest({ commonName, organizations, dnsNames, ipAddresses });
  const body = {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { generateName: "csr-" },
    spec: { request: Buffer.from(request).toString("base64"), signerName, usages: [...usages] },
  };
  const made = await client.create(resources.certificateSigningRequests, body, { signal });
  const certificate = await awaitCertificate(client, made, AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]));
  return { certificate, key };
}

async function awaitCertificate(client: Client, made: CertificateSigningRequest, signal: AbortSignal): Promise<string> {
  const name = made.metadata.name!;
  const scope = { fieldSelector: `metadata.name=${name}`, signal };
  while (!signal.aborted) {
    const { items, resourceVersion } = await client.list(resources.certificateSigningRequests, scope);
    if (!items[0]) throw new Error(`the request ${name} is gone`);
    const found = certificateOf(items[0]);
    if (found !== undefined) return found;
    for await (const events of client.watch(resources.certificateSigningRequests, { ...scope, resourceVersion })) {
      for (const { type, object } of events) {
        const issued = type === "MODIFIED" ? certificateOf(object) : undefined;
        if (issued !== undefined) return issued;
      }
    }
  }
  throw new Error(`nobody has approved the request ${name}`);
}

/** Undefined while nobody has signed it. Throws where nobody will. */
function certificateOf({ metadata, status }: CertificateSigningRequest): string | undefined {
  const refusal = status?.conditions?.find(({ type }) => type === "Denied" || type === "Failed");
  if (refusal) {
    const why = refusal.message || refusal.reason || "no reason is given";
    throw new Error(`the request ${metadata.name} was ${refusal.type === "Denied" ? "denied" : "not signed"}: ${why}`);
  }
  return status?.certificate ? Buffer.from(String(status.certificate), "base64").toString("utf8") : undefined;
}
