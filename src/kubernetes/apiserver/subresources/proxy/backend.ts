// Connections to kubelets, which know this server by its certificate, and to pods, which know nobody.

import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { KubeletClientOptions } from "../../options.ts";

/** Whom a request goes on to. */
export interface Backend {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
  /** Connects with the server's client certificate and checks the other's. */
  readonly isKubelet: boolean;
  /** The kubelet's certificate is not checked: the client asked for that. */
  readonly skipsVerification?: boolean;
}

export interface Backends {
  /** Begins a request; its body and end are the caller's. */
  request(
    backend: Backend,
    options: { method: string; path: string; headers: RequestOptions["headers"] },
  ): ClientRequest;
  close(): void;
}

/** `podSideAddress` is where connections to pods come from; by default the system chooses. */
export function createBackends(client: KubeletClientOptions | undefined, podSideAddress?: string): Backends {
  const credentials = client && { cert: client.certificate, key: client.key };
  const kubelets = new HttpsAgent({
    keepAlive: true,
    ...credentials,
    ...(client?.authority ? { ca: client.authority } : { rejectUnauthorized: false }),
  });
  const trusted = new HttpsAgent({ ...credentials, rejectUnauthorized: false });
  // Who is behind a service is known by its address, not by a certificate (upstream skips the check as well).
  const secure = new HttpsAgent({ rejectUnauthorized: false });
  const plain = new HttpAgent();
  return {
    request(backend, { method, path, headers }) {
      const { host, port } = backend;
      const localAddress = backend.isKubelet ? undefined : podSideAddress;
      const options: RequestOptions = { host, port, localAddress, method, path, headers };
      if (backend.scheme === "http") return httpRequest({ ...options, agent: plain });
      const agent = !backend.isKubelet ? secure : backend.skipsVerification ? trusted : kubelets;
      return httpsRequest({ ...options, agent });
    },
    close() {
      for (const agent of [kubelets, trusted, secure, plain]) agent.destroy();
    },
  };
}
