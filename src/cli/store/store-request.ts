// Requests to a cluster's API server about its data.

import { type ApiResponse, isStatusError } from "#kubernetes/api";
import { connectionOf, createHttpTransport, loadKubeconfig } from "#kubernetes/client";
import { exitCodes, UserError } from "#shared";
import type { ExistingCluster } from "../cluster.ts";
import { kubeconfigOf } from "../cluster-files.ts";

/** Asks, and hands the answer over before the connection is closed. Throws UserError where the server refuses or does not run. */
export async function askStore<T>(
  cluster: ExistingCluster,
  method: "GET" | "POST",
  what: "snapshot" | "compact" | "defragment",
  use: (response: ApiResponse) => Promise<T>,
): Promise<T> {
  const transport = createHttpTransport(await connectionOf(await loadKubeconfig(kubeconfigOf(cluster))));
  const request = { method, path: `/slipway/store/${what}`, query: new URLSearchParams(), headers: {} };
  try {
    return await use(await transport.request(request));
  } catch (error) {
    const action = `Cannot ${what} the data of cluster ${cluster.name}`;
    if (isStatusError(error)) throw new UserError(`${action}: ${error.message}`, { cause: error });
    if ((error as NodeJS.ErrnoException).code !== "ECONNREFUSED") throw error;
    throw new UserError(`${action}: its API server does not run`, {
      hints: [`Start the cluster with \`slipway start --name ${cluster.name}\`.`],
      exitCode: exitCodes.failed,
      cause: error,
    });
  } finally {
    await transport.close();
  }
}
