// Requests to a cluster's API server about its data.

import { type ApiResponse, isStatusError } from "#kubernetes/api";
import { connectionOf, createHttpTransport, loadKubeconfig } from "#kubernetes/client";
import { UserError } from "#shared";
import type { ExistingCluster } from "./cluster.ts";

/** Asks, and hands the answer over before the connection is closed. Throws the server's refusal. */
export async function askStore<T>(
  cluster: ExistingCluster,
  method: "GET" | "POST",
  what: "snapshot" | "compact" | "defragment",
  use: (response: ApiResponse) => Promise<T>,
): Promise<T> {
  const transport = createHttpTransport(await connectionOf(await loadKubeconfig(cluster.paths.kubeconfig)));
  const request = { method, path: `/slipway/store/${what}`, query: new URLSearchParams(), headers: {} };
  try {
    return await use(await transport.request(request));
  } catch (error) {
    if (!isStatusError(error)) throw error;
    throw new UserError(`Cannot do this to the data of cluster ${cluster.name}: ${error.message}`, { cause: error });
  } finally {
    await transport.close();
  }
}
