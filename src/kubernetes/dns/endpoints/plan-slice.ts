// The endpoint slice by which a node says that names are answered on it. Pure.

import { isIPv6 } from "node:net";
import { deepEqual, type EndpointSlice, type Node } from "#kubernetes/api";

export interface ServedService {
  readonly namespace: string;
  readonly name: string;
}

export interface NodeEndpoint {
  readonly service: ServedService;
  readonly address: string;
  readonly dnsPort: number;
  /** Absent where no metrics are served. */
  readonly metricsPort?: number;
}

export function sliceName({ service }: NodeEndpoint, node: string): string {
  return `${service.name}-${node}`;
}

/** It goes when the node goes. */
export function planSlice(endpoint: NodeEndpoint, node: Node): EndpointSlice {
  const { service, address, dnsPort, metricsPort } = endpoint;
  const nodeName = node.metadata.name!;
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      namespace: service.namespace,
      name: sliceName(endpoint, nodeName),
      labels: {
        "kubernetes.io/service-name": service.name,
        "endpointslice.kubernetes.io/managed-by": "dns.slipway.dev",
      },
      ownerReferences: [{ apiVersion: "v1", kind: "Node", name: nodeName, uid: node.metadata.uid! }],
    },
    addressType: isIPv6(address) ? "IPv6" : "IPv4",
    endpoints: [
      {
        addresses: [address],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName,
        // Pods ask on their own node; where nobody answers there, anywhere.
        hints: { forNodes: [{ name: nodeName }] },
      },
    ],
    ports: [
      { name: "dns", port: dnsPort, protocol: "UDP" },
      { name: "dns-tcp", port: dnsPort, protocol: "TCP" },
      ...(metricsPort === undefined ? [] : [{ name: "metrics", port: metricsPort, protocol: "TCP" }]),
    ],
  };
}

/** Whether the slice there is says what the wanted one says. */
export function isSameSlice(found: EndpointSlice | undefined, wanted: EndpointSlice): boolean {
  const saidBy = ({ metadata, addressType, endpoints, ports }: EndpointSlice) => ({
    labels: metadata.labels,
    owners: metadata.ownerReferences?.map(({ uid }) => uid),
    addressType,
    endpoints,
    ports,
  });
  return found !== undefined && deepEqual(saidBy(found), saidBy(wanted));
}
