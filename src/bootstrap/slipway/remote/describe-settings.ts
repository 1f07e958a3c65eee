// The settings of one machine, from the cluster's configuration and the machine's place in it. Pure.

import { type ClusterConfig, nodeMaskSizeFor, nthAddress, parseCidr } from "#config";
import { describeMirrors } from "../../containerd/mirrors.ts";
import type { BootstrapInput } from "../../distribution.ts";
import { apiPort } from "../../host/api-port.ts";
import { apiServerFiles, etcdFiles, type GivenFile } from "../../host/given-files.ts";
import { addressOf, virtualAddressOf } from "../../host/virtual-address.ts";
import { type ControlPlaneOptions, snapshotSchedule } from "../control-plane.ts";
import { nodeSettings } from "../node.ts";
import { clientUrl } from "./etcd-config.ts";
import { machinePaths, podNetwork } from "./machine-paths.ts";
import type { ControlPlaneSettings, MachineSettings } from "./machine-settings.ts";

/** Whether control planes keep the data in an etcd that runs on them. */
export function usesOwnEtcd({ distribution, controlPlane }: ClusterConfig): boolean {
  if (controlPlane.etcd) return false;
  const wanted = distribution.type === "slipway" ? distribution.etcd : undefined;
  return wanted ?? controlPlane.replicas > 1;
}

export function describeSettings(input: BootstrapInput): MachineSettings {
  const { config, machine, duty } = input;
  const { network } = config;
  const address = machine.address ?? { reaching: { host: input.endpoint.host, port: input.endpoint.port } };
  const { taints, capacity } = nodeSettings(config, machine);
  const hasAddon = (wanted: string) => config.addons.some(({ name }) => name === wanted);
  return {
    name: machine.name,
    address,
    agent: {
      nodeName: machine.name,
      kubeconfigs: {
        kubelet: machinePaths.kubeconfig("kubelet"),
        proxy: machinePaths.kubeconfig("proxy"),
        dns: machinePaths.kubeconfig("dns"),
        storage: machinePaths.kubeconfig("storage"),
      },
      identity: {
        folder: machinePaths.nodePki,
        ...(duty === "join-worker" && { bootstrapKubeconfig: machinePaths.bootstrapKubeconfig }),
      },
      criSocket: machinePaths.criSocket,
      kubeletFolder: machinePaths.kubelet,
      volumesFolder: machinePaths.volumes,
      podLogsFolder: machinePaths.podLogs,
      containerLogLinks: machinePaths.containerLogs,
      servingCertificate: `${machinePaths.nodePki}/kubelet.crt`,
      servingKey: `${machinePaths.nodePki}/kubelet.key`,
      clientAuthority: `${machinePaths.pki}/ca.crt`,
      cgroupRoot: "/",
      cniConfigFolder: machinePaths.cniConfig,
      cniPlugins: machinePaths.cniPlugins,
      podNetwork,
      podAddressesFolder: machinePaths.podAddresses,
      podCIDR: network.podCIDR,
      serviceCIDR: network.serviceCIDR,
      dnsDomain: network.dnsDomain,
      clusterDNS: nthAddress(network.serviceCIDR, 10),
      networkPlugin: network.plugin === "slipway" ? "slipway" : "none",
      proxy: network.proxy,
      dns: hasAddon("dns") ? "slipway" : "none",
      storage: hasAddon("storage") ? "local-path" : "none",
      taints,
      capacity,
    },
    registryFolders: describeMirrors(config.images.mirrors, machinePaths.settings).folders,
    ...(duty !== "join-worker" && { controlPlane: describeControlPlane(input, addressOf(machine)) }),
  };
}

function describeControlPlane(input: BootstrapInput, address: string): ControlPlaneSettings {
  const { config, endpoint, duty, controlPlanes, machine } = input;
  const others = controlPlanes.filter(({ name }) => name !== machine.name).map(addressOf);
  const hosts = [endpoint.host, ...(endpoint.publicHost === undefined ? [] : [endpoint.publicHost])];
  const [addresses, names] = [hosts.filter(isAddress), hosts.filter((host) => !isAddress(host))];
  const port = apiPort(config);
  const held = virtualAddressOf(input);
  return {
    options: {
      ...controlPlaneOptions(config, { name: machine.name, address, port, others }),
      certificates: {
        serviceCIDR: config.network.serviceCIDR,
        dnsDomain: config.network.dnsDomain,
        apiServerNames: [machine.name, ...names],
        apiServerAddresses: [...new Set([address, ...addresses, ...(held ? [held.address] : [])])],
      },
    },
    ...(usesOwnEtcd(config) && { etcd: { starts: duty === "init", others } }),
    ...(held && { virtualAddress: held }),
  };
}

function isAddress(host: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(host);
}

function controlPlaneOptions(
  config: ClusterConfig,
  {
    name,
    address,
    port,
    others,
  }: { readonly name: string; readonly address: string; readonly port: number; readonly others: readonly string[] },
): ControlPlaneOptions {
  const { network, controlPlane, workers } = config;
  const nodes = controlPlane.replicas + workers.reduce((sum, pool) => sum + pool.count, 0);
  const { pki, etcdPki } = machinePaths;
  const ownEtcd = {
    endpoints: [clientUrl("127.0.0.1")],
    caFile: `${etcdPki}/ca.crt`,
    certFile: `${pki}/apiserver-etcd-client.crt`,
    keyFile: `${pki}/apiserver-etcd-client.key`,
  };
  const etcd = controlPlane.etcd
    ? { ...controlPlane.etcd, ...pathsOf(etcdFiles(config, machinePaths.etcdClientFiles)) }
    : usesOwnEtcd(config) && ownEtcd;
  return {
    cluster: config.name,
    storeFolder: machinePaths.store,
    pkiFolder: pki,
    port,
    listenAddresses: ["0.0.0.0"],
    advertiseAddress: address,
    podCIDR: network.podCIDR,
    nodeMaskSize: network.nodeMaskSize ?? nodeMaskSizeFor(parseCidr(network.podCIDR)!, Math.max(nodes, 200)),
    serviceCIDR: network.serviceCIDR,
    dnsDomain: network.dnsDomain,
    controllers: controlPlane.controllers,
    scheduler: controlPlane.scheduler,
    auditLog: machinePaths.auditLog,
    ...pathsOf(apiServerFiles(config, machinePaths.apiServerFiles)),
    ...(etcd && { etcd }),
    ...(usesOwnEtcd(config) && { etcdMember: { name, address, others } }),
    ...snapshotSchedule(config, machinePaths.snapshots),
  };
}

/** What the configuration names on the person's machine lies elsewhere on this one. */
export function givenFiles(config: ClusterConfig): GivenFile[] {
  return [...apiServerFiles(config, machinePaths.apiServerFiles), ...etcdFiles(config, machinePaths.etcdClientFiles)];
}

function pathsOf(
  files: readonly { readonly option: string; readonly path: string }[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(files.map(({ option, path }) => [option, path]));
}
