// Connections to the servers behind APIServices: each must show the certificate of its service, and learns by ours that a front
// proxy asks.

import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import type { LiveObjects } from "../live-objects.ts";
import type { Backend, Backends } from "../subresources/proxy/backend.ts";
import { findServiceAddress } from "../webhooks/service-address.ts";
import type { RemoteService } from "./api-services.ts";

/** PEM. */
export interface ClientPair {
  readonly certificate: string;
  readonly key: string;
}

export interface ServerConnections {
  /** Where one of the service's endpoints is. Throws where there is none. */
  locate(service: RemoteService): Promise<Backend>;
  /** Begins requests to a service's endpoints, trusting what the APIService says is to be trusted. */
  to(service: RemoteService): Pick<Backends, "request">;
  close(): void;
}

export interface ServerConnectionOptions {
  /** How this server shows itself. */
  readonly client?: ClientPair | undefined;
  /** Where connections to services come from; by default the system chooses. */
  readonly podSideAddress?: string | undefined;
}

export function createServerConnections(
  objects: LiveObjects,
  { client, podSideAddress }: ServerConnectionOptions = {},
): ServerConnections {
  const agent = new Agent({ keepAlive: true });
  return {
    async locate({ spec: { service } }) {
      const { namespace = "", name = "", port = 443 } = service;
      const address = await findServiceAddress(objects, { namespace, name, port });
      return { scheme: "https", ...address, isKubelet: false };
    },
    to: ({ spec: { service, caBundle, insecureSkipTLSVerify } }) => ({
      request: ({ host, port }, options) =>
        httpsRequest({
          ...options,
          host,
          port,
          localAddress: podSideAddress,
          agent,
          servername: `${service.name}.${service.namespace}.svc`,
          ...(client && { cert: client.certificate, key: client.key }),
          ...(caBundle && { ca: Buffer.from(caBundle, "base64").toString() }),
          ...(insecureSkipTLSVerify && { rejectUnauthorized: false }),
        }),
    }),
    close: () => agent.destroy(),
  };
}

export interface Question {
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

/** Asks one endpoint; resolves with the answer's head. Rejects with Node's errors. */
export function ask(
  connections: Pick<Backends, "request">,
  backend: Backend,
  { body, signal, ...options }: Question,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { ...options.headers, ...(body && { "content-length": body.length }) };
    const outgoing = connections.request(backend, { ...options, headers });
    const abort = () => outgoing.destroy(signal!.reason as Error);
    signal?.addEventListener("abort", abort, { once: true });
    outgoing.on("close", () => signal?.removeEventListener("abort", abort));
    outgoing.on("error", reject);
    outgoing.on("response", resolve);
    if (signal?.aborted) abort();
    outgoing.end(body);
  });
}

/** `host:port` as URLs write it. */
export function formatHost({ host, port }: Backend): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
