// Service-account tokens of the old kind: JWTs that lie in Secrets, never expire, and are good as long as their Secret has them.

import { timingSafeEqual } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { resources, type Secret, type ServiceAccount, type UserInfo } from "#kubernetes/api";
import type { LiveObjects } from "../live-objects.ts";
import type { TokenAuthenticator, TokenNotes } from "./authenticator.ts";
import type { ServiceAccountKeys } from "./service-account-keys.ts";
import { invalidAudiences } from "./service-account-tokens.ts";
import { serviceAccountGroups, serviceAccountUserName } from "./users.ts";

const issuer = "kubernetes/serviceaccount";
const invalidSinceLabel = "kubernetes.io/legacy-token-invalid-since";

interface LegacyClaims {
  readonly namespace: string;
  readonly account: string;
  readonly uid: string;
  readonly secret: string;
}

export interface LegacyTokenOptions {
  readonly keys: ServiceAccountKeys;
  /** The API's own audiences, which these tokens are for. */
  readonly audiences: readonly string[];
  readonly objects: LiveObjects;
  /** Called with the Secret of a token that was shown, whether it is still good or has been marked as invalid. */
  readonly noteUse: (secret: Secret) => Promise<void>;
}

export function createLegacyTokens({ keys, audiences, objects, noteUse }: LegacyTokenOptions): TokenAuthenticator {
  return {
    async authenticate(token, asked = audiences) {
      if (!isLegacy(token)) return undefined;
      const claims = readClaims(await verify(token, keys));
      const shared = audiences.filter((audience) => asked.includes(audience));
      if (shared.length === 0) throw invalidAudiences(audiences, asked);
      const secret = await findSecret(token, claims, objects);
      const account = await findAccount(claims, objects);
      await noteUse(secret);
      checkValidity(secret, claims);
      return { user: userOf(claims), audiences: shared, notes: notesOf(secret, account) };
    },
  };
}

function isLegacy(token: string): boolean {
  if (token.split(".").length !== 3) return false;
  try {
    return decodeJwt(token).iss === issuer;
  } catch {
    return false;
  }
}

async function verify(token: string, { verifying }: ServiceAccountKeys): Promise<Readonly<Record<string, unknown>>> {
  const known = verifying.get(decodeProtectedHeader(token).kid ?? "");
  // Tokens older than key identifiers do not say which key it was.
  for (const { key, algorithm } of known ? [known] : verifying.values()) {
    try {
      return (await jwtVerify(token, key, { algorithms: [algorithm] })).payload;
    } catch {}
  }
  throw new Error("invalid signature, no keys found");
}

function readClaims(payload: Readonly<Record<string, unknown>>): LegacyClaims {
  const read = (name: string, what: string): string => {
    const value = payload[`kubernetes.io/serviceaccount/${name}`];
    if (typeof value !== "string" || value === "") throw new Error(`${what} claim is missing`);
    return value;
  };
  const claims = {
    namespace: read("namespace", "namespace"),
    secret: read("secret.name", "secretName"),
    account: read("service-account.name", "serviceAccountName"),
    uid: read("service-account.uid", "serviceAccountUID"),
  };
  if (payload["sub"] !== serviceAccountUserName(claims.namespace, claims.account)) {
    throw new Error("sub claim is invalid");
  }
  return claims;
}

async function findSecret(token: string, claims: LegacyClaims, objects: LiveObjects): Promise<Secret> {
  const { namespace, secret: name } = claims;
  const secret: Secret | undefined = await objects.get(resources.secrets, { namespace, name });
  if (!secret || secret.metadata.deletionTimestamp !== undefined) throw new Error("Token has been invalidated");
  const present = Buffer.from(secret.data?.["token"] ?? "", "base64");
  const given = Buffer.from(token);
  if (present.length !== given.length || !timingSafeEqual(present, given)) {
    throw new Error("Token does not match server's copy");
  }
  return secret;
}

function checkValidity(secret: Secret, { namespace, secret: name, account }: LegacyClaims): void {
  if (!secret.metadata.labels?.[invalidSinceLabel]) return;
  throw new Error(
    `the token in secret ${namespace}/${name} for service account ${namespace}/${account} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${invalidSinceLabel}' label from the secret to temporarily allow use of this token`,
  );
}

/** Secrets that an account lists were made for it by the controllers of old. */
function notesOf({ metadata: { name = "" } }: Secret, { secrets = [] }: ServiceAccount): TokenNotes {
  if (secrets.some((reference) => reference.name === name)) {
    return {
      warning:
        "Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens.",
      auditAnnotations: { "authentication.k8s.io/legacy-token-autogenerated-secret": name },
    };
  }
  return { auditAnnotations: { "authentication.k8s.io/legacy-token-manual-secret": name } };
}

async function findAccount({ namespace, account, uid }: LegacyClaims, objects: LiveObjects): Promise<ServiceAccount> {
  const found: ServiceAccount | undefined = await objects.get(resources.serviceAccounts, { namespace, name: account });
  if (!found) throw new Error(`serviceaccounts "${account}" not found`);
  const { deletionTimestamp, uid: present } = found.metadata;
  if (deletionTimestamp !== undefined) throw new Error(`ServiceAccount ${namespace}/${account} has been deleted`);
  if (present !== uid) throw new Error(`ServiceAccount UID (${present}) does not match claim (${uid})`);
  return found;
}

function userOf({ namespace, account, uid }: LegacyClaims): UserInfo {
  return { name: serviceAccountUserName(namespace, account), uid, groups: serviceAccountGroups(namespace) };
}
