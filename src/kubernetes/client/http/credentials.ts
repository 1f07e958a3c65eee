// What proves to a server who we are besides a client certificate: a bearer token, read anew from its file as it is rotated.

import { readFile } from "node:fs/promises";
import type { Clock } from "#shared";

/** As client-go: tokens in files are rotated long before they expire, so a minute late is early enough. */
const tokenFileLifeMs = 60_000;

/** The headers that go with each request. */
export type Authenticate = () => Promise<Readonly<Record<string, string>>>;

export interface FetchedToken {
  readonly token: string;
  /** Milliseconds since the epoch; absent: good as long as this process lives. */
  readonly expiresAt?: number;
}

export interface CredentialOptions {
  readonly token?: string;
  /** A file that holds the token; wins over `token`, as in a kubeconfig. */
  readonly tokenFile?: string;
  /** Asked for a token whenever the last one is about to expire; wins over the others. */
  fetchToken?(): Promise<FetchedToken>;
  readonly username?: string;
  readonly password?: string;
}

/** Throws (when called) where the token file cannot be read and never could be. */
export function createAuthenticate(options: CredentialOptions, clock: Clock): Authenticate {
  const { token, tokenFile, fetchToken, username, password } = options;
  if (fetchToken) return authenticateByFetching(fetchToken, clock);
  if (tokenFile !== undefined) return authenticateFromFile(tokenFile, clock);
  if (token !== undefined) return fixed({ authorization: `Bearer ${token}` });
  if (username !== undefined) {
    return fixed({ authorization: `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}` });
  }
  return fixed({});
}

function fixed(headers: Readonly<Record<string, string>>): Authenticate {
  const answer = Promise.resolve(headers);
  return () => answer;
}

function authenticateFromFile(path: string, clock: Clock): Authenticate {
  let known: { readonly token: string; readonly readAt: number } | undefined;
  return async () => {
    if (known === undefined || clock.now() - known.readAt >= tokenFileLifeMs) {
      try {
        known = { token: (await readFile(path, "utf8")).trim(), readAt: clock.now() };
      } catch (error) {
        // The old token may still be good while the file is being replaced.
        if (known === undefined) throw new Error(`Cannot read the token file ${path}: ${error}`, { cause: error });
      }
    }
    return { authorization: `Bearer ${known!.token}` };
  };
}

/** A token that is this close to its end is not used any more. */
const expiryMarginMs = 30_000;

function authenticateByFetching(fetchToken: () => Promise<FetchedToken>, clock: Clock): Authenticate {
  let known: Promise<FetchedToken> | undefined;
  // Many requests wait for the same token: what one of them has replaced already, the others keep.
  const forget = (token: Promise<FetchedToken>): void => {
    if (known === token) known = undefined;
  };
  return async () => {
    const before = known;
    const expiresAt = (await before)?.expiresAt;
    if (before && expiresAt !== undefined && expiresAt - clock.now() < expiryMarginMs) forget(before);
    known ??= fetchToken();
    const current = known;
    try {
      return { authorization: `Bearer ${(await current).token}` };
    } catch (error) {
      forget(current);
      throw error;
    }
  };
}
