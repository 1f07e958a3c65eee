// kubeadm's documents about one machine: InitConfiguration, JoinConfiguration, ResetConfiguration, UpgradeConfiguration. Pure.

import type { ClusterConfig, KubeadmOptions } from "#config";
import type { BootstrapInput, BootstrapMachine } from "../distribution.ts";
import { apiPort } from "../host/api-port.ts";
import { containerdSocket } from "../host/containerd.ts";
import { splitLabels } from "../host/node-labels.ts";
import { nodeSettings } from "../slipway/node.ts";
import { hashPublicKey } from "./ca-hash.ts";
import { kubeadmApiVersion, kubeadmOptions, kubeadmVersion } from "./cluster-configuration.ts";
import { kubernetesPki, patchesFolder } from "./paths.ts";

export function initConfiguration({ config, machine, token }: BootstrapInput): object {
  const options = kubeadmOptions(config);
  return {
    apiVersion: kubeadmApiVersion,
    kind: "InitConfiguration",
    bootstrapTokens: [
      {
        token,
        description: "By which the machines of this cluster join.",
        ttl: "24h0m0s",
        usages: ["signing", "authentication"],
        groups: ["system:bootstrappers:kubeadm:default-node-token"],
      },
    ],
    nodeRegistration: nodeRegistration(config, machine),
    localAPIEndpoint: localEndpoint(config, machine),
    // What it prints would show the token.
    skipPhases: ["show-join-command", ...options.skipPhases],
    ...common(options),
  };
}

export function joinConfiguration(input: BootstrapInput): object {
  const { config, machine, token, endpoint, duty, authorities } = input;
  const options = kubeadmOptions(config);
  return {
    apiVersion: kubeadmApiVersion,
    kind: "JoinConfiguration",
    discovery: {
      bootstrapToken: {
        token,
        apiServerEndpoint: `${endpoint.host}:${endpoint.port}`,
        caCertHashes: [hashPublicKey(authorities.kubernetes.certificate)],
      },
    },
    nodeRegistration: nodeRegistration(config, machine),
    // The authorities are there already: nothing is uploaded or downloaded.
    ...(duty === "join-control-plane" && { controlPlane: { localAPIEndpoint: localEndpoint(config, machine) } }),
    ...(options.skipPhases.length > 0 && { skipPhases: options.skipPhases }),
    ...common(options),
  };
}

export function resetConfiguration(config: ClusterConfig): object {
  return {
    apiVersion: kubeadmApiVersion,
    kind: "ResetConfiguration",
    criSocket: containerdSocket,
    certificatesDir: kubernetesPki,
    cleanupTmpDir: true,
    force: true,
    ...timeoutsOf(kubeadmOptions(config)),
  };
}

/** Both commands read it: `apply` on the control plane that is upgraded first, `node` on all others. */
export function upgradeConfiguration(config: ClusterConfig): object {
  const options = kubeadmOptions(config);
  const { ignorePreflightErrors } = options;
  const both = {
    ...patchesOf(options),
    ...(ignorePreflightErrors.length > 0 && { ignorePreflightErrors }),
  };
  return {
    apiVersion: kubeadmApiVersion,
    kind: "UpgradeConfiguration",
    apply: { kubernetesVersion: `v${kubeadmVersion(config)}`, ...both },
    node: both,
    ...timeoutsOf(options),
  };
}

function common(options: KubeadmOptions): object {
  return { ...patchesOf(options), ...timeoutsOf(options) };
}

/** The folder is always there: capacities are patches, too. */
function patchesOf(_options: KubeadmOptions): object {
  return { patches: { directory: patchesFolder } };
}

function timeoutsOf({ timeouts }: KubeadmOptions): object {
  return Object.keys(timeouts).length > 0 ? { timeouts } : {};
}

function localEndpoint(config: ClusterConfig, { address }: BootstrapMachine): object {
  return {
    // Not known before the machine is there: then kubeadm takes that of the default route.
    ...(address !== undefined && { advertiseAddress: address }),
    bindPort: apiPort(config),
  };
}

function nodeRegistration(config: ClusterConfig, machine: BootstrapMachine): object {
  const options = kubeadmOptions(config);
  const { labels, taints } = nodeSettings(config, machine);
  const own = Object.entries(splitLabels(labels).own).map(([key, value]) => `${key}=${value}`);
  const args = [
    ...(machine.address === undefined ? [] : [{ name: "node-ip", value: machine.address }]),
    ...(own.length > 0 ? [{ name: "node-labels", value: own.join(",") }] : []),
    ...options.kubelet.extraArgs,
  ];
  const { ignorePreflightErrors } = options;
  return {
    name: machine.name,
    criSocket: containerdSocket,
    // An empty list is not the same as none: kubeadm then taints control planes.
    taints: taints.map(({ key, value, effect }) => ({ key, ...(value !== "" && { value }), effect })),
    ...(args.length > 0 && { kubeletExtraArgs: args }),
    ...(ignorePreflightErrors.length > 0 && { ignorePreflightErrors }),
  };
}
