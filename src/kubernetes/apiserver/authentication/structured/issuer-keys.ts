// The keys of an issuer: found by its discovery document, fetched when a token names one that is not known, at most so often.

import { request } from "node:https";
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import type { Clock } from "#shared";
import type { JwtAuthenticator } from "./authentication-configuration.ts";

const timeoutMs = 10_000;
const pauseMs = 10_000;
const mostBytes = 1024 * 1024;

/** For jwtVerify. Keys are fetched with the first token, not before. */
export function createIssuerKeys({ issuer }: JwtAuthenticator, clock: Clock): JWTVerifyGetKey {
  let keys: ReturnType<typeof createLocalJWKSet> | undefined;
  /** The last fetch, under way or done. */
  let fetched: Promise<void> | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  /** Tokens can be made up by anyone: however many there are, and whether or not the issuer answers, it is asked so often only. */
  const refresh = (): Promise<void> => {
    if (fetched && clock.now() - fetchedAt < pauseMs) return fetched;
    fetchedAt = clock.now();
    fetched = fetchKeys(issuer).then((set) => {
      keys = createLocalJWKSet(set);
    });
    return fetched;
  };
  return async (header, token) => {
    if (!keys) await refresh();
    try {
      return await keys!(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await refresh();
      return keys!(header, token);
    }
  };
}

async function fetchKeys({
  url,
  discoveryURL,
  certificateAuthority,
}: JwtAuthenticator["issuer"]): Promise<JSONWebKeySet> {
  const document = (await fetchJson(discoveryURL, certificateAuthority)) as { issuer?: unknown; jwks_uri?: unknown };
  if (document.issuer !== url)
    throw new Error(`oidc: issuer did not match: expected "${url}", got "${String(document.issuer)}"`);
  if (typeof document.jwks_uri !== "string") throw new Error("oidc: the discovery document names no jwks_uri");
  return (await fetchJson(document.jwks_uri, certificateAuthority)) as JSONWebKeySet;
}

/** Node's fetch takes no authorities of one's own. */
function fetchJson(url: string, ca: string | undefined): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const outgoing = request(url, { ...(ca && { ca }), signal, headers: { accept: "application/json" } }, (answer) => {
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > mostBytes) outgoing.destroy(new Error(`the answer of ${url} is too large`));
        else chunks.push(chunk);
      });
      answer.on("error", reject);
      answer.on("end", () => {
        if (answer.statusCode !== 200) return reject(new Error(`${url} answered ${answer.statusCode}`));
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString()));
        } catch (error) {
          reject(error);
        }
      });
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}
