// The client's certificate of a TLS connection, read once per connection.

import type { Socket } from "node:net";
import type { PeerCertificate, TLSSocket } from "node:tls";
import type { ClientCertificate, Connection } from "../call.ts";

export interface CertificateReader {
  /** What is known of the connection; the same object for the same socket. */
  read(socket: Socket): Connection;
}

export interface CertificateReaderOptions {
  /** Common names that may speak for users, when signed by the front proxies' authority; empty: any name. */
  readonly frontProxyNames?: readonly string[];
  /** The subject of the front proxies' authority; undefined: there are none. */
  readonly isFrontProxyIssuer?: (certificate: PeerCertificate) => boolean;
}

export function createCertificateReader(options: CertificateReaderOptions): CertificateReader {
  const known = new WeakMap<Socket, Connection>();
  return {
    read(socket) {
      let connection = known.get(socket);
      if (!connection) {
        connection = readConnection(socket, options);
        known.set(socket, connection);
      }
      return connection;
    },
  };
}

function readConnection(socket: Socket, options: CertificateReaderOptions): Connection {
  const remoteAddress = socket.remoteAddress;
  const tls = socket as TLSSocket;
  const peer = tls.authorized ? tls.getPeerCertificate() : undefined;
  const certificate = peer?.subject ? readCertificate(peer, options) : undefined;
  return {
    ...(remoteAddress !== undefined && { remoteAddress }),
    ...(certificate && { certificate }),
  };
}

function readCertificate(peer: PeerCertificate, options: CertificateReaderOptions): ClientCertificate {
  const subject = peer.subject as unknown as Record<string, string | string[] | undefined>;
  const commonName = first(subject["CN"]);
  const { frontProxyNames = [], isFrontProxyIssuer } = options;
  const isAllowedName = frontProxyNames.length === 0 || frontProxyNames.includes(commonName);
  return {
    commonName,
    organizations: subject["O"] === undefined ? [] : [subject["O"]].flat(),
    fingerprint: peer.fingerprint256.replaceAll(":", "").toLowerCase(),
    isFrontProxy: isAllowedName && (isFrontProxyIssuer?.(peer) ?? false),
  };
}

function first(value: string | string[] | undefined): string {
  return [value ?? ""].flat()[0]!;
}
