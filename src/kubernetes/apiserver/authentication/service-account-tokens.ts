// Service-account tokens: signed JWTs, bound to the account and perhaps to a Pod, Secret or Node, and no good once that is gone.

import { randomUUID } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { type KubeObject, type ObjectKey, type Resource, resources, type UserInfo } from "#kubernetes/api";
import type { Clock } from "#shared";
import type { LiveObjects } from "../live-objects.ts";
import type { AuthenticatedToken, TokenAuthenticator } from "./authenticator.ts";
import type { ServiceAccountKeys } from "./service-account-keys.ts";
import { serviceAccountGroups, serviceAccountUserName } from "./users.ts";

export interface ObjectRef {
  readonly name: string;
  readonly uid: string;
}

/** What a token says, besides times and audiences. A node next to a pod is where that pod runs. */
export interface TokenClaims {
  readonly namespace: string;
  readonly serviceaccount: ObjectRef;
  readonly pod?: ObjectRef;
  readonly secret?: ObjectRef;
  readonly node?: { readonly name: string; readonly uid?: string };
  /** Seconds since the epoch from which on use of the token is worth a word in the log. */
  readonly warnafter?: number;
}

export interface ServiceAccountTokens extends TokenAuthenticator {
  /** Signs a token good for so many seconds. */
  issue(claims: TokenClaims, audiences: readonly string[], expirationSeconds: number): Promise<string>;
}

export interface ServiceAccountTokenOptions {
  readonly keys: ServiceAccountKeys;
  /** The first signs; all are believed. */
  readonly issuers: readonly string[];
  /** The API's own audiences: what a token must be for, unless others are asked for. */
  readonly audiences: readonly string[];
  readonly objects: LiveObjects;
  readonly clock: Clock;
}

/** Claims may be older than the deletion of what they name by this much (upstream's clock leeway). */
const leewayMs = 60_000;

export function createServiceAccountTokens(options: ServiceAccountTokenOptions): ServiceAccountTokens {
  return {
    issue: (claims, audiences, expirationSeconds) => issueToken(options, claims, audiences, expirationSeconds),
    authenticate: (token, audiences) => authenticateToken(options, token, audiences ?? options.audiences),
  };
}

async function issueToken(
  options: ServiceAccountTokenOptions,
  claims: TokenClaims,
  audiences: readonly string[],
  expirationSeconds: number,
): Promise<string> {
  const now = Math.floor(options.clock.now() / 1000);
  const { key, keyId, algorithm } = options.keys.signing;
  return await new SignJWT({
    aud: [...audiences],
    exp: now + expirationSeconds,
    iat: now,
    iss: options.issuers[0]!,
    jti: randomUUID(),
    "kubernetes.io": claims,
    nbf: now,
    sub: serviceAccountUserName(claims.namespace, claims.serviceaccount.name),
  })
    .setProtectedHeader({ alg: algorithm, kid: keyId })
    .sign(key);
}

async function authenticateToken(
  options: ServiceAccountTokenOptions,
  token: string,
  audiences: readonly string[],
): Promise<AuthenticatedToken | undefined> {
  if (!isOurs(token, options.issuers)) return undefined;
  const keyId = decodeProtectedHeader(token).kid;
  const key = keyId === undefined ? undefined : options.keys.verifying.get(keyId);
  if (!key) throw new Error("invalid signature, no keys found");
  const { payload } = await jwtVerify(token, key.key, {
    algorithms: [key.algorithm],
    currentDate: new Date(options.clock.now()),
    clockTolerance: leewayMs / 1000,
  });
  const tokenAudiences = payload.aud === undefined ? options.audiences : [payload.aud].flat();
  const shared = tokenAudiences.filter((audience) => audiences.includes(audience));
  if (shared.length === 0) throw invalidAudiences(tokenAudiences, audiences);
  const claims = payload["kubernetes.io"] as TokenClaims;
  await checkBoundObjects(options, claims);
  return { user: userOf(claims, payload.jti), audiences: shared };
}

/** Whether it is a JWT of one of our issuers; other ways of telling who asks may know it otherwise. */
function isOurs(token: string, issuers: readonly string[]): boolean {
  if (token.split(".").length !== 3) return false;
  try {
    return issuers.includes(decodeJwt(token).iss ?? "");
  } catch {
    return false;
  }
}

async function checkBoundObjects({ objects, clock }: ServiceAccountTokenOptions, claims: TokenClaims): Promise<void> {
  const { namespace, serviceaccount, secret, pod, node } = claims;
  const deadline = clock.now() - leewayMs;
  const check = async (resource: Resource<KubeObject>, key: ObjectKey, uid: string | undefined) => {
    const { metadata } = (await objects.get(resource, key)) ?? {};
    const deleted = metadata?.deletionTimestamp;
    if (!metadata || metadata.uid !== uid || (deleted !== undefined && Date.parse(deleted) < deadline)) {
      throw new Error("service account token has been invalidated");
    }
  };
  await check(resources.serviceAccounts, { namespace, name: serviceaccount.name }, serviceaccount.uid);
  if (secret) await check(resources.secrets, { namespace, name: secret.name }, secret.uid);
  if (pod) await check(resources.pods, { namespace, name: pod.name }, pod.uid);
  else if (node) await check(resources.nodes, { name: node.name }, node.uid);
}

function userOf(claims: TokenClaims, tokenId: string | undefined): UserInfo {
  const prefix = "authentication.kubernetes.io/";
  const extra: Record<string, readonly string[]> = {};
  if (tokenId !== undefined) extra[`${prefix}credential-id`] = [`JTI=${tokenId}`];
  if (claims.node) {
    extra[`${prefix}node-name`] = [claims.node.name];
    if (claims.node.uid) extra[`${prefix}node-uid`] = [claims.node.uid];
  }
  if (claims.pod) {
    extra[`${prefix}pod-name`] = [claims.pod.name];
    extra[`${prefix}pod-uid`] = [claims.pod.uid];
  }
  return {
    name: serviceAccountUserName(claims.namespace, claims.serviceaccount.name),
    uid: claims.serviceaccount.uid,
    groups: serviceAccountGroups(claims.namespace),
    extra,
  };
}

/** The complaint about a token that is for others than it is asked for. */
export function invalidAudiences(found: readonly string[], asked: readonly string[]): Error {
  const list = (texts: readonly string[]) => `[${texts.map((text) => JSON.stringify(text)).join(" ")}]`;
  return new Error(`token audiences ${list(found)} is invalid for the target audiences ${list(asked)}`);
}
