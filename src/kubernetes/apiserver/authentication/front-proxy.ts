// Users a trusted front proxy speaks for (upstream's request header authenticator): X-Remote-User, -Group, -Uid, -Extra-….

import type { ApiRequest, UserInfo } from "#kubernetes/api";
import { withAuthenticatedGroup } from "./users.ts";

const extraPrefix = "x-remote-extra-";

/** Undefined where the proxy names no user. */
export function frontProxyUser(headers: ApiRequest["headers"]): UserInfo | undefined {
  const name = headers["x-remote-user"];
  if (!name) return undefined;
  const uid = headers["x-remote-uid"];
  return withAuthenticatedGroup({
    name,
    ...(uid && { uid }),
    groups: headerValues(headers["x-remote-group"]),
    extra: readExtra(headers, extraPrefix),
  });
}

/** A header given several times reaches us as one text with line breaks between the values. */
export function headerValues(header: string | undefined): string[] {
  return header ? header.split("\n") : [];
}

/** The values of headers such as X-Remote-Extra-Scopes, by the key after the prefix. */
export function readExtra(headers: ApiRequest["headers"], prefix: string): Record<string, string[]> {
  const extra: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(prefix) || value === undefined) continue;
    extra[unescapeKey(name.slice(prefix.length))] = headerValues(value);
  }
  return extra;
}

function unescapeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
