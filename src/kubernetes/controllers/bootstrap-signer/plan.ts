// The signatures of cluster-info: who knows a token can trust the certificates in it before trusting the server. Pure.

import { createHmac } from "node:crypto";
import type { ConfigMap } from "#kubernetes/api";
import type { SigningToken } from "../bootstrap-tokens/token-secret.ts";

const contentKey = "kubeconfig";
const signaturePrefix = "jws-kubeconfig-";

/** The data cluster-info should have; undefined where it has it, or there is nothing to sign. */
export function planSignatures(
  configMap: ConfigMap | undefined,
  tokens: readonly SigningToken[],
): Record<string, string> | undefined {
  const { data = {} } = configMap ?? {};
  const content = data[contentKey];
  if (content === undefined) return undefined;
  const unsigned = Object.entries(data).filter(([key]) => !key.startsWith(signaturePrefix));
  const wished = Object.fromEntries(unsigned);
  for (const token of tokens) wished[signaturePrefix + token.id] ??= detachedSignature(content, token);
  const isSame =
    Object.keys(wished).length === Object.keys(data).length &&
    Object.entries(wished).every(([key, value]) => data[key] === value);
  return isSame ? undefined : wished;
}

/** A JSON Web Signature (RFC 7515) whose payload is left out: both sides have it. */
export function detachedSignature(content: string, { id, secret }: SigningToken): string {
  const header = Buffer.from(JSON.stringify({ alg: "HS256", kid: id })).toString("base64url");
  const payload = Buffer.from(content).toString("base64url");
  const signature = createHmac("sha256", secret).update(`${header}.${payload}`).digest("base64url");
  return `${header}..${signature}`;
}
