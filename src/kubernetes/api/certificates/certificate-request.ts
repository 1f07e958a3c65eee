// Requests for certificates (PKCS #10): what they ask for, and whether whoever made one holds the key in it.

import { constants, createPublicKey, type KeyObject, verify } from "node:crypto";
import { formatIP, parseIP } from "../ip.ts";
import { type DerElement, DerError, derTags, openDer, readDer, readOid } from "./der.ts";
import { readPemBlocks } from "./pem.ts";

export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
  /** The subject as it stands in the request, in DER. */
  readonly subject: Buffer;
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Buffer;
  /** What is wrong with the signature, in Go's words; undefined: it was made with the request's own key. */
  checkSignature(): string | undefined;
}

/** Reads a request in PEM. Throws DerError, or an Error in upstream's words where there is no request. */
export function parseCertificateRequest(pem: string): CertificateRequest {
  const [block] = readPemBlocks(pem);
  if (block?.type !== "CERTIFICATE REQUEST") throw new Error("PEM block type must be CERTIFICATE REQUEST");
  const outer = readDer(block.bytes);
  if (outer.length > 1) throw new DerError("asn1: syntax error: trailing data");
  const [info, algorithm, signature] = openDer(outer[0], derTags.sequence);
  const [version, subject, publicKey, attributes] = openDer(info, derTags.sequence);
  if (version?.tag !== derTags.integer || !subject || !publicKey || !algorithm || !signature) {
    throw new DerError("asn1: structure error: a certificate request has more parts");
  }
  const names = readSubject(subject);
  return {
    commonName: names.get(oids.commonName)?.at(-1) ?? "",
    organizations: names.get(oids.organization) ?? [],
    ...readAlternativeNames(attributes),
    subject: subject.whole,
    publicKey: publicKey.whole,
    checkSignature: () => describeSignature(info!.whole, algorithm, signature, publicKey.whole),
  };
}

const oids = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  extensionRequest: "1.2.840.113549.1.9.14",
  subjectAlternativeName: "2.5.29.17",
};

/** The subject's values by the type's identifier, in order. */
function readSubject(subject: DerElement): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const relative of openDer(subject, derTags.sequence)) {
    for (const attribute of openDer(relative, derTags.set)) {
      const [type, value] = openDer(attribute, derTags.sequence);
      if (!type || !value) throw new DerError("asn1: structure error: a name lacks its value");
      const oid = readOid(type);
      const known = names.get(oid);
      if (known) known.push(value.content.toString("utf8"));
      else names.set(oid, [value.content.toString("utf8")]);
    }
  }
  return names;
}

type AlternativeNames = Pick<CertificateRequest, "dnsNames" | "ipAddresses" | "emailAddresses" | "uris">;

function readAlternativeNames(attributes: DerElement | undefined): AlternativeNames {
  const names: Record<keyof AlternativeNames, string[]> = {
    dnsNames: [],
    ipAddresses: [],
    emailAddresses: [],
    uris: [],
  };
  const extension = attributes && findAlternativeNames(attributes);
  if (!extension) return names;
  for (const { tag, content } of openDer(readDer(extension)[0], derTags.sequence)) {
    const field = alternativeNameTags[tag];
    if (field === "ipAddresses") names.ipAddresses.push(readAddress(content));
    else if (field) names[field].push(content.toString("latin1"));
  }
  return names;
}

/** Context tags of GeneralName. */
const alternativeNameTags: Readonly<Record<number, keyof AlternativeNames>> = {
  129: "emailAddresses",
  130: "dnsNames",
  134: "uris",
  135: "ipAddresses",
};

/** The value of the extension, which stands in one of the request's attributes. */
function findAlternativeNames(attributes: DerElement): Buffer | undefined {
  for (const attribute of readDer(attributes.content)) {
    const [type, values] = openDer(attribute, derTags.sequence);
    if (!type || readOid(type) !== oids.extensionRequest) continue;
    const [extensions] = openDer(values, derTags.set);
    for (const extension of openDer(extensions, derTags.sequence)) {
      const parts = openDer(extension, derTags.sequence);
      if (parts[0] && readOid(parts[0]) === oids.subjectAlternativeName) return parts.at(-1)?.content;
    }
  }
  return undefined;
}

function readAddress(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) throw new DerError(`x509: cannot parse IP address of length ${bytes.length}`);
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  const address = parseIP(groups.join(":"));
  return address ? formatIP(address) : groups.join(":");
}

/** The hash of each signature algorithm; "": the algorithm has one of its own. */
const hashes: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.5": "sha1",
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.113549.1.1.10": "sha256",
  "1.2.840.10045.4.1": "sha1",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "1.3.101.112": "",
};

const pss = "1.2.840.113549.1.1.10";

function describeSignature(
  signed: Buffer,
  algorithm: DerElement,
  signature: DerElement,
  publicKey: Buffer,
): string | undefined {
  const [type] = openDer(algorithm, derTags.sequence);
  const oid = type ? readOid(type) : "";
  const hash = hashes[oid];
  if (hash === undefined) return "x509: cannot verify signature: algorithm unimplemented";
  const key = readKey(publicKey);
  if (!key) return "x509: unsupported elliptic curve";
  const padding = oid === pss ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {};
  // A bit string begins with how many bits of its last byte are unused.
  const isGood = verify(hash || null, signed, { key, ...padding }, signature.content.subarray(1));
  return isGood ? undefined : failures[key.asymmetricKeyType ?? ""];
}

const failures: Readonly<Record<string, string>> = {
  rsa: "crypto/rsa: verification error",
  ec: "x509: ECDSA verification failure",
  ed25519: "x509: Ed25519 verification failure",
};

function readKey(der: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: der, format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}
