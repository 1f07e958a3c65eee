// Who asks? Tries each way of telling in upstream's order: front proxy, client certificate, bearer token; else anonymous.

import type { ApiRequest, UserInfo } from "#kubernetes/api";
import { unauthorized } from "#kubernetes/api";
import type { ClientCertificate, Connection } from "../call.ts";
import { certificateUser } from "./certificate.ts";
import { frontProxyUser } from "./front-proxy.ts";
import { anonymousUser, withAuthenticatedGroup } from "./users.ts";

/** Tells who holds a bearer token; undefined: not one of mine. Throws where the token is mine and bad. */
export interface TokenAuthenticator {
  authenticate(token: string, audiences?: readonly string[]): Promise<AuthenticatedToken | undefined>;
}

export interface AuthenticatedToken {
  readonly user: UserInfo;
  /** Those of the asked audiences the token is good for; absent where it is good for the API alone. */
  readonly audiences?: readonly string[];
  readonly notes?: TokenNotes;
}

/** What is to be said of a token that is good, but should not be used. */
export interface TokenNotes {
  /** To whoever shows it. */
  readonly warning?: string;
  /** To the audit log. */
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

export interface AuthenticatorOptions {
  readonly tokens: TokenAuthenticator;
  /** Whether requests for a path that say nothing of who asks are let through as system:anonymous. Default: all are. */
  readonly allowAnonymous?: (path: string) => boolean;
}

export interface Authenticator {
  /** The user, with system:authenticated among the groups; `note` is told what is to be said of the token. Throws Unauthorized. */
  authenticate(
    request: ApiRequest,
    connection: Connection | undefined,
    note: (notes: TokenNotes) => void,
  ): UserInfo | Promise<UserInfo>;
}

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  // The HTTP layer keeps one certificate object per connection, so each is read once.
  const certificateUsers = new WeakMap<ClientCertificate, UserInfo>();
  const userOf = (certificate: ClientCertificate): UserInfo | undefined => {
    let user = certificateUsers.get(certificate);
    if (!user) {
      user = certificateUser(certificate);
      if (user) certificateUsers.set(certificate, user);
    }
    return user;
  };
  return {
    authenticate(request, connection, note) {
      const certificate = connection?.certificate;
      if (certificate) {
        const user = certificate.isFrontProxy ? frontProxyUser(request.headers) : userOf(certificate);
        if (user) return user;
      }
      const authorization = request.headers["authorization"];
      if (authorization) {
        const token = bearerToken(authorization);
        if (token !== undefined) return authenticateToken(options.tokens, token, note);
      }
      if (options.allowAnonymous?.(request.path) === false) throw unauthorized();
      return anonymousUser;
    },
  };
}

/** The token of "Bearer x"; undefined where the header carries none, which counts as not asking as anybody. */
function bearerToken(header: string): string | undefined {
  const [scheme, token] = header.trim().split(/ +/);
  return scheme?.toLowerCase() === "bearer" && token ? token : undefined;
}

async function authenticateToken(
  tokens: TokenAuthenticator,
  token: string,
  note: (notes: TokenNotes) => void,
): Promise<UserInfo> {
  let found: AuthenticatedToken | undefined;
  try {
    found = await tokens.authenticate(token);
  } catch {
    throw unauthorized();
  }
  if (!found) throw unauthorized();
  if (found.notes) note(found.notes);
  return withAuthenticatedGroup(found.user);
}
