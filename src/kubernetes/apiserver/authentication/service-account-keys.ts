// The keys service-account tokens are signed and verified with, and the documents that publish them.

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";

export interface ServiceAccountKeys {
  readonly signing: { readonly key: KeyObject; readonly keyId: string; readonly algorithm: string };
  /** By key id: the signing key's public half and whatever else is trusted. */
  readonly verifying: ReadonlyMap<string, { readonly key: KeyObject; readonly algorithm: string }>;
}

/** Reads keys in PEM: one to sign with, more (public or private) to verify with. Without any, makes a new pair. */
export function readServiceAccountKeys(signingPem?: string, verifyingPems: readonly string[] = []): ServiceAccountKeys {
  const key =
    signingPem === undefined
      ? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey
      : createPrivateKey(signingPem);
  const publicKeys = [createPublicKey(key), ...verifyingPems.map((pem) => createPublicKey(pem))];
  const verifying = new Map(publicKeys.map((each) => [keyIdOf(each), { key: each, algorithm: algorithmOf(each) }]));
  return { signing: { key, keyId: keyIdOf(publicKeys[0]!), algorithm: algorithmOf(key) }, verifying };
}

/** As upstream derives it: base64url of the SHA-256 of the public key in DER. */
function keyIdOf(publicKey: KeyObject): string {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64url");
}

function algorithmOf(key: KeyObject): string {
  if (key.asymmetricKeyType === "rsa") return "RS256";
  const algorithms: Readonly<Record<string, string>> = { prime256v1: "ES256", secp384r1: "ES384", secp521r1: "ES512" };
  const algorithm = algorithms[key.asymmetricKeyDetails?.namedCurve ?? ""];
  if (!algorithm)
    throw new Error("Cannot use the service account key: it is neither RSA nor EC on P-256, P-384 or P-521");
  return algorithm;
}

/** The document at /openid/v1/jwks. */
export function publishedKeys(keys: ServiceAccountKeys): object {
  return {
    keys: [...keys.verifying].map(([kid, { key, algorithm }]) => {
      const { kty, ...rest } = key.export({ format: "jwk" });
      return { use: "sig", kty, kid, alg: algorithm, ...rest };
    }),
  };
}

/** The document at /.well-known/openid-configuration. */
export function openIdConfiguration(issuer: string, jwksUri: string, keys: ServiceAccountKeys): object {
  return {
    issuer,
    jwks_uri: jwksUri,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: [
      ...new Set([...keys.verifying.values()].map((key) => key.algorithm)),
    ].sort(),
  };
}
