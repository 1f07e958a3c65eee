// What a PKCS #10 request asks for, read from a CertificateSigningRequest.

import type { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from "@peculiar/x509";
import { loadX509 } from "./x509.ts";

/** The parts of a request that signers and approvers look at. */
export interface RequestedCertificate {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
}

const label = "CERTIFICATE REQUEST";

/** Reads `spec.request`: base64 of PEM. Throws where it is none. */
export async function parseRequest(base64: string): Promise<Pkcs10CertificateRequest> {
  const pem = Buffer.from(base64, "base64").toString("latin1");
  const block = /-----BEGIN ([A-Z ]+)-----([\s\S]*?)-----END \1-----/.exec(pem);
  if (block?.[1] !== label) throw new Error(`PEM block type must be ${label}`);
  const { Pkcs10CertificateRequest } = await loadX509();
  // Headers of the block, which nobody needs, end with an empty line.
  const body = (block[2] ?? "").split(/\r?\n\r?\n/).at(-1) ?? "";
  return new Pkcs10CertificateRequest(Buffer.from(body, "base64"));
}

export async function readRequest(request: Pkcs10CertificateRequest): Promise<RequestedCertificate> {
  const names = (await alternativeNamesOf(request))?.names.items ?? [];
  const ofType = (type: string) => names.filter((name) => name.type === type).map(({ value }) => value);
  return {
    // As Go reads it: of several, the last.
    commonName: request.subjectName.getField("CN").at(-1) ?? "",
    organizations: request.subjectName.getField("O"),
    dnsNames: ofType("dns"),
    ipAddresses: ofType("ip"),
    emailAddresses: ofType("email"),
    uris: ofType("url"),
  };
}

const alternativeNames = "2.5.29.17";

export async function alternativeNamesOf(
  request: Pkcs10CertificateRequest,
): Promise<SubjectAlternativeNameExtension | undefined> {
  const { SubjectAlternativeNameExtension } = await loadX509();
  const extension = request.getExtension(alternativeNames);
  return extension instanceof SubjectAlternativeNameExtension ? extension : undefined;
}
