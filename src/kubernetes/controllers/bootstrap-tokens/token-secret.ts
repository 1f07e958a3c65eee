// Bootstrap tokens as they lie in Secrets of kube-system. Pure.

import type { Secret } from "#kubernetes/api";
import { parseTime } from "#kubernetes/runtime";

export const tokenNamespace = "kube-system";

const secretName = /^bootstrap-token-([a-z0-9]{6})$/;

export function isTokenSecret({ metadata, type }: Secret): boolean {
  return metadata.namespace === tokenNamespace && type === "bootstrap.kubernetes.io/token";
}

/** When the token ends, in milliseconds since the epoch: Infinity where it never does, 0 where that cannot be read. */
export function tokenEndsMs(secret: Secret): number {
  const text = tokenField(secret, "expiration");
  return text === "" ? Number.POSITIVE_INFINITY : (parseTime(text) ?? 0);
}

export interface SigningToken {
  readonly id: string;
  readonly secret: string;
}

/** The token of a Secret that may be used for signing; undefined where it may not, or is not whole. */
export function signingToken(secret: Secret, nowMs: number): SigningToken | undefined {
  const [, idOfName] = secretName.exec(secret.metadata.name ?? "") ?? [];
  const id = tokenField(secret, "token-id");
  const tokenSecret = tokenField(secret, "token-secret");
  const isWhole = id !== "" && id === idOfName && tokenSecret !== "";
  const maySign = tokenField(secret, "usage-bootstrap-signing") === "true" && tokenEndsMs(secret) > nowMs;
  return isWhole && maySign ? { id, secret: tokenSecret } : undefined;
}

function tokenField({ data }: Secret, key: string): string {
  return Buffer.from(data?.[key] ?? "", "base64").toString("utf8");
}
