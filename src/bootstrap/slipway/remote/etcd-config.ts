// etcd's configuration on a control plane. Pure.

import { etcdPorts, machinePaths } from "./machine-paths.ts";

export interface EtcdConfig {
  readonly name: string;
  readonly address: string;
  /** "a=https://10.0.0.1:2380,b=…", this one included. */
  readonly initialCluster: string;
  readonly state: "new" | "existing";
}

export function peerUrl(address: string): string {
  return `https://${address}:${etcdPorts.peer}`;
}

export function clientUrl(address: string): string {
  return `https://${address}:${etcdPorts.client}`;
}

/** As YAML. */
export function renderEtcdConfig({ name, address, initialCluster, state }: EtcdConfig): string {
  const { etcdPki, etcdData } = machinePaths;
  return `name: ${name}
data-dir: ${etcdData}
listen-client-urls: ${clientUrl("127.0.0.1")},${clientUrl(address)}
advertise-client-urls: ${clientUrl(address)}
listen-peer-urls: ${peerUrl(address)}
initial-advertise-peer-urls: ${peerUrl(address)}
initial-cluster: ${initialCluster}
initial-cluster-state: ${state}
auto-compaction-mode: periodic
auto-compaction-retention: "5m"
quota-backend-bytes: 8589934592
client-transport-security:
  cert-file: ${etcdPki}/server.crt
  key-file: ${etcdPki}/server.key
  client-cert-auth: true
  trusted-ca-file: ${etcdPki}/ca.crt
peer-transport-security:
  cert-file: ${etcdPki}/peer.crt
  key-file: ${etcdPki}/peer.key
  client-cert-auth: true
  trusted-ca-file: ${etcdPki}/ca.crt
`;
}
