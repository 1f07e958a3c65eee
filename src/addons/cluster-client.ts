// A client to a cluster by its kubeconfig file.

import { type Client, connectionOf, createClient, createHttpTransport, loadKubeconfig } from "#kubernetes/client";

/** Runs the action with a client, whose connections are closed afterwards. */
export async function withClusterClient<T>(kubeconfig: string, action: (client: Client) => Promise<T>): Promise<T> {
  const transport = createHttpTransport(await connectionOf(await loadKubeconfig(kubeconfig)));
  const client = createClient({ transport, userAgent: "slipway" });
  try {
    return await action(client);
  } finally {
    await client.close();
  }
}
