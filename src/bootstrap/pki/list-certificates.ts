// What certificates there are, who signed them, and for how long they are good.

import { X509Certificate } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { splitPem } from "./certificates.ts";

export interface CertificateInfo {
  /** As files name it: "apiserver", "etcd/ca". */
  readonly name: string;
  /** "kubernetes-admin (system:masters)". */
  readonly subject: string;
  readonly issuer: string;
  readonly isAuthority: boolean;
  /** RFC 3339. */
  readonly expires: string;
  /** Whole days; negative where it is over. */
  readonly daysLeft: number;
  /** The certificate itself. */
  readonly pem: string;
}

/** Less than this is worth a word. They are renewed by `up` when a month is left. */
export const warningDays = 30;

/** Every certificate in the folder and below; none where there is no folder. */
export async function listCertificates(folder: string, now = Date.now()): Promise<CertificateInfo[]> {
  const files = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const isCurrent = (file: string) => file.endsWith(".crt") && !file.startsWith("rotation/");
  const found = files
    .filter(isCurrent)
    .map((file) => file.slice(0, -".crt".length))
    .toSorted();
  const texts = await Promise.all(found.map((name) => readFile(join(folder, `${name}.crt`), "utf8")));
  return found.flatMap((name, index) => describeCertificates(name, texts[index]!, now));
}

/**
 * The certificates of a PEM file, by the file's name. Where the first is an authority, later ones are trusted, too, and sign nothing;
 * else they only tell who signed it.
 */
export function describeCertificates(name: string, pem: string, now = Date.now()): CertificateInfo[] {
  const found = splitPem(pem).map((block, index) =>
    describe(index === 0 ? name : `${name} (also trusted)`, block, now),
  );
  return found[0]?.isAuthority ? found : found.slice(0, 1);
}

function describe(name: string, pem: string, now: number): CertificateInfo {
  const certificate = new X509Certificate(pem);
  const expires = Date.parse(certificate.validTo);
  return {
    name,
    subject: describeName(certificate.subject),
    issuer: certificate.subject === certificate.issuer ? "itself" : describeName(certificate.issuer),
    isAuthority: certificate.ca,
    expires: new Date(expires).toISOString().replace(".000Z", "Z"),
    daysLeft: Math.floor((expires - now) / (24 * 60 * 60 * 1000)),
    pem,
  };
}

/** "O=system:nodes\nCN=system:node:a" as "system:node:a (system:nodes)". */
function describeName(name: string): string {
  const parts = name.split("\n").map((part) => part.split("=") as [string, string]);
  const values = (key: string) => parts.filter(([found]) => found === key).map(([, value]) => value);
  const groups = values("O");
  return `${values("CN").join(", ") || name.replaceAll("\n", ", ")}${groups.length > 0 ? ` (${groups.join(", ")})` : ""}`;
}
