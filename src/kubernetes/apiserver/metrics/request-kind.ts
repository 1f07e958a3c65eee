// Whether a request changes something, and whether it may take as long as it likes.

import type { Call } from "../call.ts";

const readOnlyVerbs = new Set(["get", "list", "watch"]);
const longSubresources = new Set(["attach", "exec", "proxy", "log", "portforward"]);

export function isMutating({ info, request }: Call): boolean {
  if (info.isResourceRequest) return !readOnlyVerbs.has(info.verb);
  return request.method !== "GET" && request.method !== "HEAD";
}

/** Such requests hold no place among those under way. */
export function isLongRunning({ info }: Call): boolean {
  return info.verb === "watch" || info.verb === "proxy" || longSubresources.has(info.subresource);
}
