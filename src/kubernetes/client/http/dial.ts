// Connects to a server: TLS first, then HTTP/2 where the server offers it, HTTP/1.1 elsewhere.

import { connect, type TLSSocket } from "node:tls";
import type { Clock } from "#shared";
import type { HttpConnection } from "./http-connection.ts";
import { createHttp1Connection } from "./http1-connection.ts";
import { createHttp2Connection } from "./http2-connection.ts";

/** How to trust the server and prove who we are. PEM texts. */
export interface TlsOptions {
  /** Certificates of the authorities that may have signed the server's. Default: the system's. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name the server's certificate must carry, where it differs from the URL's host. */
  readonly serverName?: string;
  readonly insecureSkipTlsVerify?: boolean;
}

export interface DialOptions {
  readonly tls: TlsOptions;
  readonly clock: Clock;
}

/** A server that is out of reach for longer is tried anew: the kernel would wait longer and longer between its own attempts. */
const connectTimeoutMs = 5000;

/** Resolves with a connection that can take requests. Rejects where nobody listens or the certificate is not trusted. */
export async function dial(server: URL, { tls, clock }: DialOptions): Promise<HttpConnection> {
  const tlsOptions = {
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key }),
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
    rejectUnauthorized: !tls.insecureSkipTlsVerify,
  };
  if (server.protocol !== "https:") return createHttp1Connection(server, tlsOptions);
  const socket = await connectTls(server, tlsOptions);
  if (socket.alpnProtocol === "h2") return createHttp2Connection(server, socket, clock);
  socket.destroy();
  return createHttp1Connection(server, tlsOptions);
}

function connectTls(server: URL, options: object): Promise<TLSSocket> {
  const host = server.hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(server.port || 443),
      // Node warns about IP addresses as server names; certificates are checked against `host` either way.
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
      ...options,
      ALPNProtocols: ["h2", "http/1.1"],
      timeout: connectTimeoutMs,
    });
    socket.once("timeout", () => socket.destroy(new Error(`${server.host} does not answer`)));
    socket.once("secureConnect", () => {
      socket.removeListener("error", reject);
      socket.setTimeout(0);
      socket.setNoDelay(true);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}
