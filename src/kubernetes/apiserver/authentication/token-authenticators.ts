// Ways to tell who holds a bearer token, tried one after the other, and a short memory of those that were good.

import { createHash } from "node:crypto";
import type { UserInfo } from "#kubernetes/api";
import type { Clock } from "#shared";
import type { AuthenticatedToken, TokenAuthenticator } from "./authenticator.ts";

/** Asks each in turn. Throws the first complaint when none knows the token and one had a complaint. */
export function combineTokenAuthenticators(authenticators: readonly TokenAuthenticator[]): TokenAuthenticator {
  return {
    async authenticate(token, audiences) {
      let complaint: unknown;
      for (const authenticator of authenticators) {
        try {
          const found = await authenticator.authenticate(token, audiences);
          if (found) return found;
        } catch (error) {
          complaint ??= error;
        }
      }
      if (complaint !== undefined) throw complaint;
      return undefined;
    },
  };
}

/** What tells nothing of audiences is good for the API's own: those of them that are asked for; for no other is it good. */
export function forAudiences(inner: TokenAuthenticator, own: readonly string[]): TokenAuthenticator {
  return {
    async authenticate(token, asked = own) {
      const shared = own.filter((audience) => asked.includes(audience));
      const found = shared.length > 0 ? await inner.authenticate(token) : undefined;
      return found && { ...found, audiences: shared };
    },
  };
}

/** A fixed table of tokens. */
export function staticTokens(tokens: Readonly<Record<string, UserInfo>>): TokenAuthenticator {
  const users = new Map(Object.entries(tokens));
  return {
    async authenticate(token) {
      const user = users.get(token);
      return user && { user };
    },
  };
}

/** How long upstream trusts an earlier answer. */
const rememberedMs = 10_000;
const mostRemembered = 4096;

/** Remembers good tokens for ten seconds, by their hash, so that a busy client's is not verified on each request. */
export function rememberTokens(inner: TokenAuthenticator, clock: Clock): TokenAuthenticator {
  const remembered = new Map<string, { readonly answer: AuthenticatedToken; readonly until: number }>();
  return {
    async authenticate(token, audiences) {
      const key = hashOf(token, audiences);
      const known = remembered.get(key);
      if (known && known.until > clock.now()) return known.answer;
      remembered.delete(key);
      const answer = await inner.authenticate(token, audiences);
      if (answer) {
        if (remembered.size >= mostRemembered) remembered.clear();
        remembered.set(key, { answer, until: clock.now() + rememberedMs });
      }
      return answer;
    },
  };
}

function hashOf(token: string, audiences: readonly string[] | undefined): string {
  return createHash("sha256")
    .update(token)
    .update(audiences ? `\0${audiences.join("\0")}` : "")
    .digest("base64");
}
