// What a kubelet is told when it is made.

import type { NodeAddress, Taint } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import type { Clock, Logger } from "#shared";
import type { ResourceList } from "./pod/resources.ts";
import type { PodCgroups } from "./runtime/pod-cgroups.ts";
import type { Mounter } from "./volumes/mounter.ts";

export interface KubeletOptions {
  readonly nodeName: string;
  /** Speaks to the API server as system:node:<name>. */
  readonly client: Client;
  /** The path of the container runtime's socket. */
  readonly runtimeSocket: string;
  /** The kubelet's own folder: pods' volumes, files, state. Upstream's is /var/lib/kubelet. */
  readonly rootFolder: string;
  /** Upstream's is /var/log/pods. */
  readonly podLogsFolder: string;
  /** Where log collectors look for links to all containers' logs (upstream: /var/log/containers). Absent: none are made. */
  readonly containerLogLinks?: string;
  /** The first InternalIP is the pods' hostIP. */
  readonly addresses: readonly NodeAddress[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly providerID?: string;
  /** Instead of what the machine has, resource by resource. */
  readonly capacity?: ResourceList;
  /** Kept back for the system. */
  readonly reserved?: ResourceList;
  /** Default 110. */
  readonly maxPods?: number;
  /** Addresses of the cluster's DNS; absent: pods use the node's. */
  readonly clusterDns?: readonly string[];
  /** Default "cluster.local". */
  readonly clusterDomain?: string;
  /** The node's resolv.conf. Default /etc/resolv.conf. */
  readonly resolverConfig?: string;
  /** Below which the pods' control groups lie. Default "/". */
  readonly cgroupRoot?: string;
  readonly eviction?: Partial<EvictionThresholds>;
  readonly imageGc?: Partial<ImageGcOptions>;
  readonly logRotation?: Partial<LogRotationOptions>;
  /** A Docker config.json with the node's own registry credentials. */
  readonly registryAuthFile?: string;
  /** Absent: no server. */
  readonly server?: KubeletServerOptions;
  /** As nodeInfo shows it. Default: the version of Kubernetes this is made after. */
  readonly kubeletVersion?: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly system?: KubeletSystem;
}

/** What of the machine tests stand in for. Default: the real one. */
export interface KubeletSystem {
  readonly mounter?: Mounter;
  readonly cgroups?: PodCgroups;
}

/** What is to be left before pods are evicted: amounts or percentages of the capacity. */
export interface EvictionThresholds {
  /** Default "100Mi". */
  readonly memoryAvailable: string;
  /** Default "10%". */
  readonly nodeDiskAvailable: string;
  /** Default "5%". */
  readonly nodeInodesFree: string;
  /** Default "15%". */
  readonly imageDiskAvailable: string;
}

export interface ImageGcOptions {
  /** Begins when so much of the image disk is used. Default 85. */
  readonly highPercent: number;
  /** And ends at so much. Default 80. */
  readonly lowPercent: number;
  /** Younger images stay. Default 120. */
  readonly minimumAgeSeconds: number;
}

export interface LogRotationOptions {
  /** Default 10 MiB. */
  readonly maxBytes: number;
  /** With the one being written. Default 5. */
  readonly maxFiles: number;
}

export interface KubeletServerOptions {
  /** Default 0.0.0.0. */
  readonly host?: string;
  /** Default 10250; 0: any free one. */
  readonly port?: number;
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** PEM: who is trusted to sign clients' certificates. Absent: only tokens. */
  readonly clientCa?: string;
  /** Requests without credentials are "system:anonymous" instead of refused. Default false. */
  readonly anonymous?: boolean;
}
