// X.509: makes keys, authorities and the certificates they sign, all ECDSA P-256, as PEM. Which ones a cluster needs is
// cluster-pki.ts's business. The library is loaded on first use: most commands need no certificate made.

import { randomBytes, webcrypto, X509Certificate } from "node:crypto";

export interface KeyPair {
  /** PEM of the certificate. */
  readonly certificate: string;
  /** PEM of the private key, PKCS #8. */
  readonly key: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** In Kubernetes: the groups of a client. */
  readonly organizations?: readonly string[];
  readonly usages: readonly ("client" | "server")[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}

export interface IssueOptions {
  /** Milliseconds since the epoch. Default: now. */
  readonly now?: number;
}

const dayMs = 24 * 60 * 60 * 1000;
const authorityDays = 3650;
const leafDays = 365;
/** Certificates are valid from a little earlier, for machines whose clock is behind. */
const backdateMs = 5 * 60 * 1000;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** A self-signed authority. */
export async function createAuthority(commonName: string, { now = Date.now() }: IssueOptions = {}): Promise<KeyPair> {
  const x509 = await loadLibrary();
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(),
    name: nameOf(commonName),
    ...validity(now, authorityDays),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.keyCertSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: withLineEnd(certificate.toString("pem")), key: await exportKey(keys.privateKey) };
}

/** A certificate, with a new key, signed by the authority. */
export async function issueCertificate(
  authority: KeyPair,
  request: CertificateRequest,
  { now = Date.now() }: IssueOptions = {},
): Promise<KeyPair> {
  const x509 = await loadLibrary();
  // Others in the file are trusted, too, and sign nothing.
  const issuer = new x509.X509Certificate(splitPem(authority.certificate)[0] ?? authority.certificate);
  const signingKey = await importKey(authority.key);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const purposes = { client: x509.ExtendedKeyUsage.clientAuth, server: x509.ExtendedKeyUsage.serverAuth };
  const names = alternativeNames(request);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: nameOf(request.commonName, request.organizations),
    issuer: issuer.subjectName,
    ...validity(now, leafDays),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension(request.usages.map((usage) => purposes[usage])),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return { certificate: withLineEnd(certificate.toString("pem")), key: await exportKey(keys.privateKey) };
}

/** A request for a certificate, with a new key: PEM of both (PKCS #10, PKCS #8). `usages` are the signer's to grant. */
export async function createSigningRequest(
  request: Omit<CertificateRequest, "usages">,
): Promise<{ readonly request: string; readonly key: string }> {
  const x509 = await loadLibrary();
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const names = alternativeNames(request);
  const signed = await x509.Pkcs10CertificateRequestGenerator.create({
    name: nameOf(request.commonName, request.organizations),
    keys,
    signingAlgorithm: algorithm,
    extensions: names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [],
  });
  return { request: withLineEnd(signed.toString("pem")), key: await exportKey(keys.privateKey) };
}

function alternativeNames({ dnsNames = [], ipAddresses = [] }: Omit<CertificateRequest, "usages">) {
  return [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ];
}

/** The blocks of a PEM file, each ending with a line end: a file of authorities may hold several. */
export function splitPem(text: string): string[] {
  return [...text.matchAll(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----\n?/g)].map(([block]) => withLineEnd(block));
}

/** A key pair alone, as service account tokens are signed with: PEM of the private and of the public key. */
export async function createSigningKey(): Promise<{ key: string; publicKey: string }> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const publicKey = Buffer.from(await webcrypto.subtle.exportKey("spki", keys.publicKey));
  return { key: await exportKey(keys.privateKey), publicKey: toPem("PUBLIC KEY", publicKey) };
}

/** Whether the certificate was signed by the authority for just this request, and is good for `days` more. */
export function fits(
  pair: KeyPair,
  authority: KeyPair,
  request: CertificateRequest,
  { now = Date.now(), days = 30 }: IssueOptions & { days?: number } = {},
): boolean {
  const certificate = new X509Certificate(pair.certificate);
  const issuer = new X509Certificate(authority.certificate);
  const wanted = new Set([
    ...(request.dnsNames ?? []).map((name) => `DNS:${name}`),
    ...(request.ipAddresses ?? []).map((address) => `IP Address:${address}`),
  ]);
  const found = new Set((certificate.subjectAltName ?? "").split(", ").filter((name) => name !== ""));
  return (
    certificate.checkIssued(issuer) &&
    certificate.verify(issuer.publicKey) &&
    Date.parse(certificate.validTo) > now + days * dayMs &&
    certificate.subject.split("\n").includes(`CN=${request.commonName}`) &&
    found.symmetricDifference(wanted).size === 0
  );
}

type Library = typeof import("@peculiar/x509");

let loaded: Promise<Library> | undefined;

function loadLibrary(): Promise<Library> {
  loaded ??= (async () => {
    // The library throws unless this was loaded before it.
    await import("reflect-metadata");
    const x509 = await import("@peculiar/x509");
    x509.cryptoProvider.set(webcrypto);
    return x509;
  })();
  return loaded;
}

function nameOf(commonName: string, organizations: readonly string[] = []): { [key: string]: string[] }[] {
  return [...organizations.map((organization) => ({ O: [organization] })), { CN: [commonName] }];
}

function validity(now: number, days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - backdateMs), notAfter: new Date(now + days * dayMs) };
}

/** 16 random bytes, positive. */
function newSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString("hex");
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return toPem("PRIVATE KEY", Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)));
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64");
  return webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}

function toPem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g)!;
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

function withLineEnd(pem: string): string {
  return pem.endsWith("\n") ? pem : `${pem}\n`;
}
