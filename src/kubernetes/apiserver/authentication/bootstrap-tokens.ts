// Tokens new nodes join with: Secrets of type bootstrap.kubernetes.io/token in kube-system, "<id>.<secret>".

import { timingSafeEqual } from "node:crypto";
import { resources, type Secret } from "#kubernetes/api";
import type { Clock } from "#shared";
import type { LiveObjects } from "../live-objects.ts";
import type { TokenAuthenticator } from "./authenticator.ts";

const tokenForm = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const groupForm = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

export function bootstrapTokens(objects: LiveObjects, clock: Clock): TokenAuthenticator {
  return {
    async authenticate(token) {
      const [, id, secret] = tokenForm.exec(token) ?? [];
      if (id === undefined || secret === undefined) return undefined;
      const key = { namespace: "kube-system", name: `bootstrap-token-${id}` };
      const found = await objects.get(resources.secrets, key);
      const groups = found && checkToken(found, id, secret, clock.now());
      return groups && { user: { name: `system:bootstrap:${id}`, groups } };
    },
  };
}

/** The groups the token gives; undefined where it is not good for signing in. */
function checkToken(object: Secret, id: string, secret: string, now: number): string[] | undefined {
  if (object.type !== "bootstrap.kubernetes.io/token" || object.metadata.deletionTimestamp) return undefined;
  const field = (name: string) => Buffer.from(object.data?.[name] ?? "", "base64").toString();
  if (field("token-id") !== id || !equalSecrets(field("token-secret"), secret)) return undefined;
  const expiration = field("expiration");
  if (expiration !== "" && !(Date.parse(expiration) > now)) return undefined;
  if (field("usage-bootstrap-authentication") !== "true") return undefined;
  const extra = field("auth-extra-groups");
  const groups = extra === "" ? [] : extra.split(",");
  if (!groups.every((group) => groupForm.test(group))) return undefined;
  return [...new Set(["system:bootstrappers", ...groups])].sort();
}

function equalSecrets(stored: string, given: string): boolean {
  const a = Buffer.from(stored);
  const b = Buffer.from(given);
  return a.length === b.length && timingSafeEqual(a, b);
}
