// Reads a JSON answer of a path that is no object of a known kind: discovery, or an API of an aggregated server.

import { readAll } from "./answer-failure.ts";
import type { Client } from "./client.ts";

/** `path` may carry a query. Throws what the server refuses with. */
export async function getJson<T>(client: Client, path: string, signal?: AbortSignal): Promise<T> {
  const [pathname = path, query] = path.split("?", 2);
  const response = await client.raw({
    method: "GET",
    path: pathname,
    ...(query !== undefined && { query: new URLSearchParams(query) }),
    headers: { accept: "application/json" },
    ...(signal && { signal }),
  });
  if (response.kind === "object") return response.object as T;
  if (response.kind !== "bytes") throw new Error(`Cannot read ${path}: it is a watch`);
  return JSON.parse((await readAll(response.body)).toString("utf8")) as T;
}
