// What a CertificateSigningRequest asks for.

import { type CertificateRequest, type CertificateSigningRequest, parseCertificateRequest } from "#kubernetes/api";

/** The parts that signers and approvers look at. */
export type RequestedCertificate = Omit<CertificateRequest, "subject" | "publicKey" | "checkSignature">;

/** Throws where the request cannot be read. */
export function readRequest({ spec }: CertificateSigningRequest): CertificateRequest {
  return parseCertificateRequest(Buffer.from(spec.request, "base64").toString("latin1"));
}
