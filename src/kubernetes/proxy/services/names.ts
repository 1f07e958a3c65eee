// What the chains and sets of services are called. Names of services hold no "/", so no two names meet, nor one of the fixed chains.

import { createHash } from "node:crypto";
import type { ServicePort } from "./service-port.ts";

/** NFT_NAME_MAXLEN without the closing 0. */
const longestName = 255;

export type PortChain = "service" | "local" | "external" | "firewall";

/** A chain of one port, such as "external-default/web/tcp/http". */
export function portChain(kind: PortChain, port: ServicePort): string {
  return fit(`${kind}-${portPath(port)}`);
}

/** The chain of one endpoint of a port whose clients stay with theirs. */
export function endpointChain(port: ServicePort, target: string): string {
  return fit(`endpoint-${portPath(port)}/${targetPath(target)}`);
}

export const affinityPrefix = "affinity-";

/** The set of clients that stay with this endpoint. */
export function affinitySet(port: ServicePort, target: string): string {
  return fit(`${affinityPrefix}${portPath(port)}/${targetPath(target)}`);
}

function portPath({ namespace, service, protocol, portName }: ServicePort): string {
  return `${namespace}/${service}/${protocol}/${portName}`;
}

/** Names take no colons; "fd00..1" is no other address. */
function targetPath(target: string): string {
  return target.replaceAll(":", ".").replace(" . ", "/");
}

function fit(name: string): string {
  if (name.length <= longestName) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 16);
  return `${name.slice(0, longestName - hash.length - 1)}-${hash}`;
}
