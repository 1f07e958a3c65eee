// Signs tokens of the old kind: they never expire, and are good as long as the Secret they lie in.

import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import type { Secret, ServiceAccount } from "#kubernetes/api";

const issuer = "kubernetes/serviceaccount";
const prefix = "kubernetes.io/serviceaccount";

export type SignToken = (account: ServiceAccount, secret: Secret) => Promise<string>;

/** @param pem The private key, RSA or EC, that the API server knows the public half of. */
export function createTokenSigner(pem: string): SignToken {
  const key = createPrivateKey(pem);
  // As upstream derives it: base64url of the SHA-256 of the public key in DER.
  const der = createPublicKey(key).export({ type: "spki", format: "der" });
  const kid = createHash("sha256").update(der).digest("base64url");
  const header = { alg: algorithmOf(key), kid };
  return ({ metadata }, secret) => {
    const { namespace = "", name = "", uid = "" } = metadata;
    return new SignJWT({
      iss: issuer,
      [`${prefix}/namespace`]: namespace,
      [`${prefix}/secret.name`]: secret.metadata.name,
      [`${prefix}/service-account.name`]: name,
      [`${prefix}/service-account.uid`]: uid,
      sub: `system:serviceaccount:${namespace}:${name}`,
    })
      .setProtectedHeader(header)
      .sign(key);
  };
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  if (asymmetricKeyType === "rsa") return "RS256";
  const algorithms: Readonly<Record<string, string>> = { prime256v1: "ES256", secp384r1: "ES384", secp521r1: "ES512" };
  const algorithm = algorithms[asymmetricKeyDetails?.namedCurve ?? ""];
  if (!algorithm) throw new Error("Cannot sign tokens: the key is neither RSA nor EC on P-256, P-384 or P-521");
  return algorithm;
}
