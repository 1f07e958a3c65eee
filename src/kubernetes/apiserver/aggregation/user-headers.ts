// Who asks, as another server is told that trusts this one as its front proxy: X-Remote-User, -Uid, -Group, -Extra-….

import type { OutgoingHttpHeaders } from "node:http";
import type { UserInfo } from "#kubernetes/api";

export function userHeaders({ name, uid, groups, extra = {} }: UserInfo): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = { "x-remote-user": encodeValue(name) };
  if (uid) headers["x-remote-uid"] = encodeValue(uid);
  if (groups.length > 0) headers["x-remote-group"] = groups.map(encodeValue);
  for (const [key, values] of Object.entries(extra)) {
    if (values.length > 0) headers[`x-remote-extra-${escapeKey(key)}`] = values.map(encodeValue);
  }
  return headers;
}

/** Headers are sent byte by byte: other letters than Latin ones go as their UTF-8. */
function encodeValue(value: string): string {
  return Buffer.from(value).toString("latin1");
}

/** What no header's name may hold is percent-encoded, and the percent sign with it. */
function escapeKey(key: string): string {
  return key.replaceAll(/[^\w!#$&'*+.^`|~-]/gu, (letter) =>
    [...Buffer.from(letter)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
}
