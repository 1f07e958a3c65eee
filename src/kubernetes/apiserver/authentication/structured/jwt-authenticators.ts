// Bearer tokens of outside issuers (OIDC): each is verified by the authenticator of the issuer it names.

import { decodeJwt, errors, jwtVerify } from "jose";
import { type Clock, describeError, type Logger } from "#shared";
import type { AuthenticatedToken, TokenAuthenticator } from "../authenticator.ts";
import type { AuthenticationConfiguration, JwtAuthenticator } from "./authentication-configuration.ts";
import { createIssuerKeys } from "./issuer-keys.ts";
import { mapClaims } from "./map-claims.ts";

/** Upstream's: no symmetric ones, and not "none". */
const algorithms = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"];

export function jwtAuthenticators(
  { jwt }: AuthenticationConfiguration,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): TokenAuthenticator {
  const byIssuer = new Map(
    jwt.map((authenticator) => [
      authenticator.issuer.url,
      { authenticator, keys: createIssuerKeys(authenticator, clock) },
    ]),
  );
  return {
    async authenticate(token) {
      const found = byIssuer.get(issuerOf(token) ?? "");
      if (!found) return undefined;
      try {
        return await verify(token, found.authenticator, found.keys, clock);
      } catch (error) {
        logger.info({ issuer: found.authenticator.issuer.url, error: describeError(error) }, "a token was refused");
        throw error;
      }
    },
  };
}

/** What the token says of itself; undefined where it is no JWT. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

async function verify(
  token: string,
  authenticator: JwtAuthenticator,
  keys: ReturnType<typeof createIssuerKeys>,
  clock: Clock,
): Promise<AuthenticatedToken> {
  const { url, audiences } = authenticator.issuer;
  const { payload } = await jwtVerify(token, keys, {
    issuer: url,
    audience: [...audiences],
    algorithms,
    currentDate: new Date(clock.now()),
    requiredClaims: ["exp"],
  });
  return { user: mapClaims(authenticator, payload) };
}
