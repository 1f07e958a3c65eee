// kubeadm's ClusterConfiguration and the component configurations beside it: what holds for the whole cluster. Pure.

import {
  type ClusterConfig,
  chooseVersion,
  type KubeadmOptions,
  nodeMaskSizeFor,
  nthAddress,
  parseCidr,
} from "#config";
import type { BootstrapInput } from "../distribution.ts";
import { type ApiServerFile, apiServerFiles } from "../host/given-files.ts";
import { apiServerFolder } from "./paths.ts";

export const kubeadmApiVersion = "kubeadm.k8s.io/v1beta4";

/** The options of distribution kubeadm. Throws for a cluster of another one. */
export function kubeadmOptions({ distribution, name }: ClusterConfig): KubeadmOptions {
  if (distribution.type !== "kubeadm")
    throw new Error(`Cannot describe ${name} for kubeadm: it is of ${distribution.type}`);
  return distribution;
}

/** "1.36.2". */
export function kubeadmVersion({ kubernetesVersion }: ClusterConfig): string {
  const chosen = chooseVersion("kubeadm", kubernetesVersion);
  if (chosen.version === undefined) throw new Error(`Cannot use Kubernetes ${kubernetesVersion}: it ${chosen.problem}`);
  return chosen.version;
}

type Component = KubeadmOptions["apiServer"];

interface Argument {
  readonly name: string;
  readonly value: string;
}

export function clusterConfiguration({ config, endpoint }: Pick<BootstrapInput, "config" | "endpoint">): object {
  const options = kubeadmOptions(config);
  const { network } = config;
  return {
    apiVersion: kubeadmApiVersion,
    kind: "ClusterConfiguration",
    clusterName: config.name,
    kubernetesVersion: `v${kubeadmVersion(config)}`,
    controlPlaneEndpoint: `${endpoint.host}:${endpoint.port}`,
    networking: {
      podSubnet: network.podCIDR,
      serviceSubnet: network.serviceCIDR,
      dnsDomain: network.dnsDomain,
    },
    etcd: describeEtcd(config, options),
    apiServer: {
      ...describeComponent(options.apiServer, apiServerFiles(config, apiServerFolder)),
      certSANs: [...new Set([endpoint.host, endpoint.publicHost ?? endpoint.host, ...options.certSANs])],
    },
    controllerManager: describeComponent(options.controllerManager, [], controllerManagerArgs(config)),
    scheduler: describeComponent(options.scheduler),
    dns: { disabled: !options.coreDNS },
    proxy: { disabled: network.proxy === "none" },
    ...(options.imageRepository !== undefined && { imageRepository: options.imageRepository }),
    ...(Object.keys(options.featureGates).length > 0 && { featureGates: options.featureGates }),
    encryptionAlgorithm: options.encryptionAlgorithm,
    ...(options.certificateValidityPeriod !== undefined && {
      certificateValidityPeriod: options.certificateValidityPeriod,
    }),
  };
}

/** The person's arguments come last: kubeadm lets the last of a name win. */
function describeComponent(component: Component, files: readonly ApiServerFile[] = [], args: readonly Argument[] = []) {
  const volume = { name: "slipway", hostPath: apiServerFolder, mountPath: apiServerFolder, readOnly: true };
  const volumes = [
    ...(files.length > 0 ? [{ ...volume, pathType: "DirectoryOrCreate" }] : []),
    ...component.extraVolumes.map(({ pathType, ...rest }) => (pathType === "" ? rest : { ...rest, pathType })),
  ];
  const extraArgs = [...files.map(({ flag, path }) => ({ name: flag, value: path })), ...args, ...component.extraArgs];
  return {
    ...(extraArgs.length > 0 && { extraArgs }),
    ...(volumes.length > 0 && { extraVolumes: volumes }),
    ...(component.extraEnvs.length > 0 && { extraEnvs: component.extraEnvs }),
  };
}

function controllerManagerArgs({ network, controlPlane, workers }: ClusterConfig): Argument[] {
  const nodes = controlPlane.replicas + workers.reduce((sum, pool) => sum + pool.count, 0);
  const mask = network.nodeMaskSize ?? nodeMaskSizeFor(parseCidr(network.podCIDR)!, nodes);
  const all = controlPlane.controllers.join(",") === "*";
  return [
    { name: "node-cidr-mask-size", value: String(mask) },
    // Joining wants these two, whatever else runs.
    ...(all
      ? []
      : [{ name: "controllers", value: [...controlPlane.controllers, "bootstrapsigner", "tokencleaner"].join(",") }]),
  ];
}

function describeEtcd({ controlPlane }: ClusterConfig, options: KubeadmOptions): object {
  const outside = controlPlane.etcd;
  if (outside) {
    return {
      external: {
        endpoints: outside.endpoints,
        caFile: externalEtcdFiles.caFile,
        certFile: externalEtcdFiles.certFile,
        keyFile: externalEtcdFiles.keyFile,
      },
    };
  }
  const { dataDir, extraArgs, extraEnvs, serverCertSANs, peerCertSANs, imageRepository, imageTag } = options.etcd;
  return {
    local: {
      dataDir,
      ...(extraArgs.length > 0 && { extraArgs }),
      ...(extraEnvs.length > 0 && { extraEnvs }),
      ...(serverCertSANs.length > 0 && { serverCertSANs }),
      ...(peerCertSANs.length > 0 && { peerCertSANs }),
      ...(imageRepository !== undefined && { imageRepository }),
      ...(imageTag !== undefined && { imageTag }),
    },
  };
}

/** Where the certificates for an etcd of one's own lie on control planes. */
export const externalEtcdFiles = {
  caFile: "/etc/kubernetes/pki/external-etcd/ca.crt",
  certFile: "/etc/kubernetes/pki/external-etcd/client.crt",
  keyFile: "/etc/kubernetes/pki/external-etcd/client.key",
} as const;

export function kubeletConfiguration(config: ClusterConfig): object {
  const { network } = config;
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    cgroupDriver: "systemd",
    clusterDNS: [nthAddress(network.serviceCIDR, 10)],
    clusterDomain: network.dnsDomain,
    // Swap that cannot be turned off (a container's host has it) is used by no pod.
    failSwapOn: false,
    memorySwap: { swapBehavior: "NoSwap" },
    rotateCertificates: true,
    ...kubeadmOptions(config).kubelet.config,
  };
}

export function kubeProxyConfiguration(config: ClusterConfig): object {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "nftables",
    clusterCIDR: config.network.podCIDR,
    // The size of the kernel's table is the host's to set where machines are containers.
    ...(config.infrastructure.provider === "nspawn" && { conntrack: { maxPerCore: 0 } }),
    ...kubeadmOptions(config).kubeProxy.config,
  };
}
