// Which UDP flows lead to endpoints that serve no more. The kernel would go on sending a client's packets there: a flow is looked
// at once, when it begins. Pure.

import type { ProxyEndpoint } from "../services/endpoints.ts";
import type { ServicePort } from "../services/service-port.ts";

/** A flow of the kernel's connection table: where it was meant to go, and who answers. */
export interface Flow {
  readonly destination: string;
  readonly port: number;
  readonly answeredBy: string;
  readonly answeredFromPort: number;
}

/** A UDP port of a service and its endpoints in whatever state. */
export interface UdpService {
  readonly port: ServicePort;
  readonly endpoints: readonly ProxyEndpoint[];
}

const line = /\bsrc=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/g;

/** Reads what `conntrack -L` shows. */
export function readFlows(listing: string): Flow[] {
  const flows: Flow[] = [];
  for (const text of listing.split("\n")) {
    const [sent, answered] = [...text.matchAll(line)];
    if (!sent || !answered) continue;
    flows.push({
      destination: sent[2]!,
      port: Number(sent[4]),
      answeredBy: answered[1]!,
      answeredFromPort: Number(answered[3]),
    });
  }
  return flows;
}

/**
 * Of each kind of flow that should end, one. A flow ends when its service has endpoints that serve and none of them answers it;
 * policies and readiness are for new flows only, as they are for TCP. A service without any endpoint leaves its flows alone.
 */
export function findStaleFlows(flows: readonly Flow[], services: readonly UdpService[]): Flow[] {
  const { byAddress, byNodePort } = servingTargets(services);
  const stale = new Map<string, Flow>();
  for (const flow of flows) {
    const targets = byAddress.get(`${flow.destination} ${flow.port}`) ?? byNodePort.get(flow.port);
    if (!targets || targets.has(`${flow.answeredBy} . ${flow.answeredFromPort}`)) continue;
    stale.set(Object.values(flow).join(" "), flow);
  }
  return [...stale.values()];
}

/** The arguments of the conntrack program that end all flows of this kind. */
export function deletionOf(flow: Flow, family: "ipv4" | "ipv6"): string[] {
  const sent = ["--orig-dst", flow.destination, "--orig-port-dst", String(flow.port)];
  const answered = ["--reply-src", flow.answeredBy, "--reply-port-src", String(flow.answeredFromPort)];
  return ["-D", "-f", family, "-p", "udp", ...sent, ...answered];
}

function servingTargets(services: readonly UdpService[]) {
  const byAddress = new Map<string, ReadonlySet<string>>();
  const byNodePort = new Map<number, ReadonlySet<string>>();
  for (const { port, endpoints } of services) {
    const targets = new Set(endpoints.filter(({ isServing }) => isServing).map(({ target }) => target));
    if (targets.size === 0) continue;
    for (const address of [port.clusterIP, ...port.loadBalancerIPs, ...port.externalIPs]) {
      byAddress.set(`${address} ${port.port}`, targets);
    }
    if (port.nodePort !== 0) byNodePort.set(port.nodePort, targets);
  }
  return { byAddress, byNodePort };
}
