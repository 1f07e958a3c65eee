// The paths that are about no resource: who answers them, found by the whole path or by its beginning.

import type { Answer, Call, Handler } from "../call.ts";
import { pageNotFound } from "./page-not-found.ts";

export interface PathTable {
  /** Paths by their whole text. */
  readonly exact: Readonly<Record<string, Handler>>;
  /** Paths by their whole text; one slash more at the end makes no difference. */
  readonly routes: Readonly<Record<string, Handler>>;
  /** Paths by their beginning, which ends in a slash. */
  readonly prefixes: Readonly<Record<string, Handler>>;
}

/** Answers a path by the table: an entry of its own first, then the longest prefix; else "404 page not found". */
export function createPathHandler({ exact, routes, prefixes }: PathTable): Handler {
  const byLength = Object.entries(prefixes).sort(([a], [b]) => b.length - a.length);
  return async (call: Call): Promise<Answer> => {
    const { path } = call.request;
    const handler = exact[path] ?? routes[path.replace(/(.)\/$/, "$1")];
    if (handler) return handler(call);
    const found = byLength.find(([prefix]) => path.startsWith(prefix));
    return found ? found[1](call) : pageNotFound;
  };
}
