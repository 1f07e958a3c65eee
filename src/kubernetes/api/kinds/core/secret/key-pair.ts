// Whether a certificate and a key in PEM belong together, and what Go's crypto/tls says when they do not.

import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";

/** Undefined when the pair can be used for TLS. */
export function describeKeyPairProblem(certificates: string, keys: string): string | undefined {
  const certificateBlocks = readBlocks(certificates);
  const certificate = certificateBlocks.find((block) => block.type === "CERTIFICATE");
  if (!certificate) return describeMissingCertificate(certificateBlocks);
  const keyBlocks = readBlocks(keys);
  const key = keyBlocks.find((block) => /^(.* )?PRIVATE KEY$/.test(block.type));
  if (!key) return describeMissingKey(keyBlocks);
  return describeMismatch(certificate, key);
}

interface PemBlock {
  readonly type: string;
  readonly pem: string;
}

function readBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const match of text.matchAll(/^-----BEGIN ([^\n]*?)-----[\s\S]*?^-----END \1-----[ \t]*$/gm)) {
    blocks.push({ type: match[1] ?? "", pem: match[0] });
  }
  return blocks;
}

function describeMissingCertificate(blocks: readonly PemBlock[]): string {
  if (blocks.length === 0) return "tls: failed to find any PEM data in certificate input";
  if (blocks.length === 1 && blocks[0]?.type.endsWith("PRIVATE KEY")) {
    return "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched";
  }
  const types = blocks.map((block) => block.type).join(" ");
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${types}]`;
}

function describeMissingKey(blocks: readonly PemBlock[]): string {
  if (blocks.length === 0) return "tls: failed to find any PEM data in key input";
  if (blocks.length === 1 && blocks[0]?.type === "CERTIFICATE") {
    return "tls: found a certificate rather than a key in the PEM for the private key";
  }
  const types = blocks.map((block) => block.type).join(" ");
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${types}]`;
}

function describeMismatch(certificate: PemBlock, key: PemBlock): string | undefined {
  const certified = attempt(() => new X509Certificate(certificate.pem).publicKey);
  if (!certified) return "x509: malformed certificate";
  const own = attempt(() => createPublicKey(createPrivateKey(key.pem)));
  if (!own) return "tls: failed to parse private key";
  if (own.asymmetricKeyType !== certified.asymmetricKeyType) {
    return "tls: private key type does not match public key type";
  }
  return own.equals(certified) ? undefined : "tls: private key does not match public key";
}

function attempt(make: () => KeyObject): KeyObject | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
