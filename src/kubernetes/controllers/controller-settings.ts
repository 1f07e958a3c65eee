// What can be set about controllers, with kube-controller-manager's defaults (its flags are named beside each).

export interface ControllerSettings {
  /** The bundle published as kube-root-ca.crt in every namespace (--root-ca-file). PEM. */
  readonly rootCa?: string;
  /**
   * How long a deleted namespace waits before its contents are removed, so that requests under way (and, with several API
   * servers, their caches) come to rest. Upstream waits 5000; one server in this process needs far less. Default 100.
   */
  readonly namespaceDeletionGraceMs?: number;
  /** Who signs CertificateSigningRequests of kubernetes.io's signers; absent: nobody. */
  readonly clusterSigning?: ClusterSigningSettings;
  /** How many finished pods are kept (--terminated-pod-gc-threshold, default 12500); 0: all. */
  readonly terminatedPodThreshold?: number;
  /** PEM of the key tokens of service accounts are signed with (--service-account-private-key-file). */
  readonly serviceAccountKey?: string;
  readonly horizontalPodAutoscaler?: Partial<AutoscalerSettings>;
  readonly nodeLifecycle?: Partial<NodeLifecycleSettings>;
  /** Where nodes get the addresses of their pods from; absent: somebody else gives them (--allocate-node-cidrs=false). */
  readonly nodeIpam?: NodeIpamSettings;
}

export interface ClusterSigningSettings {
  /** PEM of the authority (--cluster-signing-cert-file) … */
  readonly certificate: string;
  /** … and of its key (--cluster-signing-key-file). */
  readonly key: string;
  /** How long what it signs is good at most (--cluster-signing-duration). Default: a year. */
  readonly durationMs?: number;
}

export interface NodeIpamSettings {
  /** One per family (--cluster-cidr). */
  readonly podCIDRs: readonly string[];
  /** What lies in these is not given to nodes (--service-cluster-ip-range). */
  readonly serviceCIDRs?: readonly string[];
  /** How long the prefix of a node's range is (--node-cidr-mask-size-ipv4, default 24). */
  readonly ipv4PrefixLength?: number;
  /** --node-cidr-mask-size-ipv6, default 64. */
  readonly ipv6PrefixLength?: number;
}

export interface NodeLifecycleSettings {
  /** How long a new node is given its time to settle before not being ready counts (--node-monitor-period). */
  readonly monitorPeriodMs: number;
  /** How long a node may be silent before its conditions are unknown (--node-monitor-grace-period). */
  readonly monitorGraceMs: number;
  /** The same for one that has never said anything (--node-startup-grace-period). */
  readonly startupGraceMs: number;
  /** How many nodes of a zone lose their pods per second (--node-eviction-rate). */
  readonly evictionRate: number;
  /** The same in a large zone that is in trouble as a whole (--secondary-node-eviction-rate); in a small one none do. */
  readonly secondaryEvictionRate: number;
  /** A zone of more nodes is large (--large-cluster-size-threshold). */
  readonly largeZoneSize: number;
  /** The share of nodes that are not ready from which a zone is in trouble (--unhealthy-zone-threshold). */
  readonly unhealthyZoneShare: number;
}

export const defaultNodeLifecycle: NodeLifecycleSettings = {
  monitorPeriodMs: 5000,
  monitorGraceMs: 50_000,
  startupGraceMs: 60_000,
  evictionRate: 0.1,
  secondaryEvictionRate: 0.01,
  largeZoneSize: 50,
  unhealthyZoneShare: 0.55,
};

export interface AutoscalerSettings {
  /** How often metrics are read (--horizontal-pod-autoscaler-sync-period). */
  readonly syncPeriodMs: number;
  /** How far usage may be off before anything is done (--horizontal-pod-autoscaler-tolerance). */
  readonly tolerance: number;
  /** For how long the most that was asked for keeps pods (--horizontal-pod-autoscaler-downscale-stabilization). */
  readonly downscaleStabilizationMs: number;
  /** --horizontal-pod-autoscaler-cpu-initialization-period. */
  readonly cpuInitializationMs: number;
  /** --horizontal-pod-autoscaler-initial-readiness-delay. */
  readonly initialReadinessDelayMs: number;
}

export const defaultAutoscaler: AutoscalerSettings = {
  syncPeriodMs: 15_000,
  tolerance: 0.1,
  downscaleStabilizationMs: 300_000,
  cpuInitializationMs: 300_000,
  initialReadinessDelayMs: 30_000,
};
