// k3s' config.yaml of servers and agents: its flags, as a file. Pure.

import { createHash } from "node:crypto";
import { type ClusterConfig, nodeMaskSizeFor, nthAddress, parseCidr } from "#config";
import type { BootstrapInput } from "../distribution.ts";
import { apiPort } from "../host/api-port.ts";
import { apiServerFiles, etcdFiles } from "../host/given-files.ts";
import { splitLabels } from "../host/node-labels.ts";
import { nodeSettings } from "../slipway/node.ts";
import { apiServerFolder, k3sOptions } from "./paths.ts";

/**
 * The secret that servers and agents join by: made of the cluster's bootstrap token and its authority's key, so that it is the same for as
 * long as the cluster is, and nobody has to keep one more. k3s takes "K10<hash of the authority>::<user>:<secret>", by which a machine
 * that joins knows the cluster.
 */
export function joinToken({ token, authorities }: Pick<BootstrapInput, "token" | "authorities">): string {
  const secret = createHash("sha256").update(`${token}\n${authorities.kubernetes.key}`).digest("hex");
  const pin = createHash("sha256").update(authorities.kubernetes.certificate).digest("hex");
  return `K10${pin}::server:${secret}`;
}

/** The same without the pin: what the server that starts the cluster is told. */
export function serverToken(input: Pick<BootstrapInput, "token" | "authorities">): string {
  return joinToken(input).split(":server:")[1]!;
}

export function k3sConfig(input: BootstrapInput): object {
  return input.duty === "join-worker" ? agentConfig(input) : serverConfig(input);
}

function serverConfig(input: BootstrapInput): object {
  const { config, duty, endpoint, machine } = input;
  const options = k3sOptions(config);
  const { network, controlPlane } = config;
  const outside = controlPlane.etcd;
  const joins = duty === "join-control-plane";
  return {
    // With an etcd of its own, every server is the same; else the first one starts etcd, and the others join it.
    ...(joins && !outside && { server: serverUrl(endpoint) }),
    ...(!joins && !outside && { "cluster-init": true }),
    token: joins && !outside ? joinToken(input) : serverToken(input),
    ...nodeConfig(input),
    ...(machine.address !== undefined && { "advertise-address": machine.address }),
    "https-listen-port": apiPort(config),
    "tls-san": [...new Set([endpoint.host, endpoint.publicHost ?? endpoint.host, ...options.tlsSAN])],
    "cluster-cidr": network.podCIDR,
    "service-cidr": network.serviceCIDR,
    "cluster-dns": nthAddress(network.serviceCIDR, 10),
    "cluster-domain": network.dnsDomain,
    "flannel-backend": options.flannelBackend,
    "disable-network-policy": !options.networkPolicy,
    "disable-kube-proxy": network.proxy === "none",
    ...(options.disable.length > 0 && { disable: options.disable }),
    ...(options.secretsEncryption && { "secrets-encryption": true }),
    "write-kubeconfig-mode": "0600",
    ...(outside && { "datastore-endpoint": outside.endpoints.join(",") }),
    ...(outside && datastoreFiles(config)),
    ...argumentsOf("kube-apiserver-arg", [...apiServerArgs(config), ...options.kubeAPIServerArgs]),
    ...argumentsOf("kube-controller-manager-arg", [
      ...controllerManagerArgs(config),
      ...options.kubeControllerManagerArgs,
    ]),
    ...argumentsOf("kube-scheduler-arg", options.kubeSchedulerArgs),
    ...argumentsOf("etcd-arg", outside ? [] : options.etcdArgs),
  };
}

function agentConfig(input: BootstrapInput): object {
  return { server: serverUrl(input.endpoint), token: joinToken(input), ...nodeConfig(input) };
}

function serverUrl({ host, port }: BootstrapInput["endpoint"]): string {
  return `https://${host}:${port}`;
}

/** What servers and agents have in common: each is a node. */
function nodeConfig({ config, machine }: BootstrapInput): object {
  const options = k3sOptions(config);
  const { labels, taints, capacity } = nodeSettings(config, machine);
  const own = Object.entries(splitLabels(labels).own).map(([key, value]) => `${key}=${value}`);
  const maxPods = capacity.pods === undefined ? [] : [`max-pods=${capacity.pods}`];
  return {
    "node-name": machine.name,
    ...(machine.address !== undefined && { "node-ip": machine.address }),
    ...(own.length > 0 && { "node-label": own }),
    ...(taints.length > 0 && { "node-taint": taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`) }),
    "data-dir": options.dataDir,
    ...(options.systemDefaultRegistry !== undefined && { "system-default-registry": options.systemDefaultRegistry }),
    ...argumentsOf("kubelet-arg", [...maxPods, ...options.kubeletArgs]),
    ...argumentsOf("kube-proxy-arg", ["proxy-mode=nftables", ...options.kubeProxyArgs]),
  };
}

function argumentsOf(field: string, args: readonly string[]): object {
  return args.length > 0 ? { [field]: args } : {};
}

function apiServerArgs(config: ClusterConfig): string[] {
  return apiServerFiles(config, apiServerFolder).map(({ flag, path }) => `${flag}=${path}`);
}

function controllerManagerArgs({ network, controlPlane, workers }: ClusterConfig): string[] {
  const nodes = controlPlane.replicas + workers.reduce((sum, pool) => sum + pool.count, 0);
  const mask = network.nodeMaskSize ?? nodeMaskSizeFor(parseCidr(network.podCIDR)!, nodes);
  const all = controlPlane.controllers.join(",") === "*";
  return [`node-cidr-mask-size=${mask}`, ...(all ? [] : [`controllers=${controlPlane.controllers.join(",")}`])];
}

/** Where the certificates for an etcd of one's own lie. */
export const datastorePaths = {
  caFile: `${apiServerFolder}/etcd-ca.crt`,
  certFile: `${apiServerFolder}/etcd-client.crt`,
  keyFile: `${apiServerFolder}/etcd-client.key`,
} as const;

function datastoreFiles(config: ClusterConfig): object {
  return Object.fromEntries(
    etcdFiles(config, datastorePaths).map(({ option, path }) => [`datastore-${option.toLowerCase()}`, path]),
  );
}
