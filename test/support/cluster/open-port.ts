// A test cluster's API over plain HTTP on loopback, for tests of what only the wire shows: headers, encodings, connections.

import { adminToken, type TestCluster } from "./test-cluster.ts";

/** A request as the cluster's admin; the path with its query. */
export type Ask = (
  path: string,
  init?: RequestInit & { readonly headers?: Record<string, string> },
) => Promise<Response>;

/** Opens a port; the cluster's end closes it. */
export async function openPort(cluster: TestCluster): Promise<Ask> {
  const { port } = await cluster.server.listen({ host: "127.0.0.1", port: 0 });
  return (path, init = {}) => {
    const headers = { authorization: `Bearer ${adminToken}`, ...init.headers };
    return fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers });
  };
}
