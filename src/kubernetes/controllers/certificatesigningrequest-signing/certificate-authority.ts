// Signs requests with a cluster's authority: the subject, key and names that were asked for, the usages of the
// CertificateSigningRequest, nothing else.

import { createPrivateKey, type KeyObject, randomBytes, webcrypto } from "node:crypto";
import type { ExtendedKeyUsageType, Extension, X509Certificate } from "@peculiar/x509";
import type { CertificateRequest } from "#kubernetes/api";
import { loadX509, type X509 } from "../certificates/x509.ts";
import type { Validity } from "./plan.ts";

export interface CertificateAuthority {
  /** Milliseconds since the epoch. */
  readonly endsMs: number;
  /** PEM of the certificate. Throws for a usage nobody knows, or where the request is not signed with its own key. */
  sign(request: CertificateRequest, usages: readonly string[], validity: Validity): Promise<string>;
}

/** Takes PEM of a certificate and its private key: RSA or ECDSA. */
export async function loadAuthority(certificate: string, key: string): Promise<CertificateAuthority> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(certificate);
  const { signingKey, algorithm } = await importKey(createPrivateKey(key));
  return {
    endsMs: issuer.notAfter.getTime(),
    async sign(request, usages, { notBefore, notAfter }) {
      const wrong = request.checkSignature();
      if (wrong !== undefined) throw new Error(`unable to verify certificate request signature: ${wrong}`);
      const signed = await x509.X509CertificateGenerator.create({
        serialNumber: newSerialNumber(),
        subject: new x509.Name(request.subject),
        issuer: issuer.subjectName,
        notBefore: new Date(notBefore),
        notAfter: new Date(notAfter),
        publicKey: new x509.PublicKey(request.publicKey),
        signingAlgorithm: algorithm,
        signingKey,
        extensions: extensionsFor(x509, issuer, request, usages),
      });
      return `${signed.toString("pem").trimEnd()}\n`;
    },
  };
}

function extensionsFor(
  x509: X509,
  issuer: X509Certificate,
  request: CertificateRequest,
  usages: readonly string[],
): Extension[] {
  const { flags, purposes } = readUsages(usages);
  const names = alternativeNames(request);
  const issuerKey = issuer.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
  const hasSubject = request.commonName !== "" || request.organizations.length > 0;
  return [
    ...(flags ? [new x509.KeyUsagesExtension(flags, true)] : []),
    ...(purposes.length > 0 ? [new x509.ExtendedKeyUsageExtension(purposes)] : []),
    new x509.BasicConstraintsExtension(false, undefined, true),
    ...(issuerKey ? [new x509.AuthorityKeyIdentifierExtension(issuerKey)] : []),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names, !hasSubject)] : []),
  ];
}

function alternativeNames({ dnsNames, emailAddresses, ipAddresses, uris }: CertificateRequest) {
  return [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...emailAddresses.map((value) => ({ type: "email" as const, value })),
    ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
    ...uris.map((value) => ({ type: "url" as const, value })),
  ];
}

/** Bits of X.509's key usage, by the words of the API. */
const keyUsages: Readonly<Record<string, number>> = {
  signing: 1,
  "digital signature": 1,
  "content commitment": 2,
  "key encipherment": 4,
  "data encipherment": 8,
  "key agreement": 16,
  "cert sign": 32,
  "crl sign": 64,
  "encipher only": 128,
  "decipher only": 256,
};

/** Object identifiers of extended key usages, in the order they are written in. */
const extendedUsages: Readonly<Record<string, string>> = {
  any: "2.5.29.37.0",
  "server auth": "1.3.6.1.5.5.7.3.1",
  "client auth": "1.3.6.1.5.5.7.3.2",
  "code signing": "1.3.6.1.5.5.7.3.3",
  "email protection": "1.3.6.1.5.5.7.3.4",
  "s/mime": "1.3.6.1.5.5.7.3.4",
  "ipsec end system": "1.3.6.1.5.5.7.3.5",
  "ipsec tunnel": "1.3.6.1.5.5.7.3.6",
  "ipsec user": "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  "ocsp signing": "1.3.6.1.5.5.7.3.9",
  "microsoft sgc": "1.3.6.1.4.1.311.10.3.3",
  "netscape sgc": "2.16.840.1.113730.4.1",
};

function readUsages(usages: readonly string[]): { flags: number; purposes: ExtendedKeyUsageType[] } {
  const unknown = usages.filter((usage) => !(usage in keyUsages) && !(usage in extendedUsages));
  if (unknown.length > 0) {
    throw new Error(`unrecognized usage values: [${unknown.map((usage) => JSON.stringify(usage)).join(" ")}]`);
  }
  const flags = usages.reduce((all, usage) => all | (keyUsages[usage] ?? 0), 0);
  const asked = new Set(usages.map((usage) => extendedUsages[usage]));
  const purposes = [...new Set(Object.values(extendedUsages))].filter((purpose) => asked.has(purpose));
  return { flags, purposes };
}

interface SigningKey {
  readonly signingKey: webcrypto.CryptoKey;
  readonly algorithm: { readonly name: string; readonly hash: string; readonly namedCurve?: string };
}

/** Names of curves, and the digest each is used with. */
const curves: Readonly<Record<string, readonly [namedCurve: string, hash: string]>> = {
  prime256v1: ["P-256", "SHA-256"],
  secp384r1: ["P-384", "SHA-384"],
  secp521r1: ["P-521", "SHA-512"],
};

async function importKey(key: KeyObject): Promise<SigningKey> {
  const [namedCurve, hash] = curves[key.asymmetricKeyDetails?.namedCurve ?? ""] ?? [undefined, "SHA-256"];
  if (key.asymmetricKeyType !== "rsa" && namedCurve === undefined) {
    throw new Error(`Cannot sign with the authority's key: it is of type ${key.asymmetricKeyType}`);
  }
  const algorithm =
    namedCurve === undefined ? { name: "RSASSA-PKCS1-v1_5", hash } : { name: "ECDSA", namedCurve, hash };
  const der = key.export({ type: "pkcs8", format: "der" });
  return { signingKey: await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]), algorithm };
}

/** 16 random bytes, positive. */
function newSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString("hex");
}
