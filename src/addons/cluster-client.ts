// A client to a cluster by its kubeconfig file.

import { type Client, connectionOf, createClient, createHttpTransport, loadKubeconfig } from "#kubernetes/client";

/** Runs the action with a client, whose connections are closed afterwards. `context` is one of the file's; default: its current one. */
export async function withClusterClient<T>(
  kubeconfig: string,
  action: (client: Client) => Promise<T>,
  context?: string,
): Promise<T> {
  const transport = createHttpTransport(await connectionOf(await loadKubeconfig(kubeconfig), context));
  const client = createClient({ transport, userAgent: "slipway" });
  try {
    return await action(client);
  } finally {
    await client.close();
  }
}

export interface ClusterAddress {
  /** The API server as people reach it. */
  readonly server: string;
  /** PEM of the authority that signs for it; "" where the system's are trusted. */
  readonly authority: string;
}

/** What the file says about where the cluster is. */
export async function readClusterAddress(kubeconfig: string, context?: string): Promise<ClusterAddress> {
  const { server, tls } = await connectionOf(await loadKubeconfig(kubeconfig), context);
  const { ca = "" } = typeof tls === "function" ? await tls() : (tls ?? {});
  return { server: String(server).replace(/\/$/, ""), authority: ca };
}
