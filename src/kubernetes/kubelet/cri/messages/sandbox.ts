// Messages of CRI v1 (runtime.v1): pod sandboxes, their network and namespaces.

export const sandboxMessages = {
  DNSConfig: {
    servers: [1, "[]string"],
    searches: [2, "[]string"],
    options: [3, "[]string"],
  },
  PortMapping: {
    protocol: [1, "Protocol"],
    containerPort: [2, "int32"],
    hostPort: [3, "int32"],
    hostIp: [4, "string"],
  },
  UserNamespace: {
    mode: [1, "NamespaceMode"],
    uids: [2, "[]IDMapping"],
    gids: [3, "[]IDMapping"],
  },
  NamespaceOption: {
    network: [1, "NamespaceMode"],
    pid: [2, "NamespaceMode"],
    ipc: [3, "NamespaceMode"],
    targetId: [4, "string"],
    usernsOptions: [5, "UserNamespace"],
  },
  LinuxSandboxSecurityContext: {
    namespaceOptions: [1, "NamespaceOption"],
    selinuxOptions: [2, "SELinuxOption"],
    runAsUser: [3, "Int64Value"],
    runAsGroup: [8, "Int64Value"],
    readonlyRootfs: [4, "bool"],
    supplementalGroups: [5, "[]int64"],
    supplementalGroupsPolicy: [11, "SupplementalGroupsPolicy"],
    privileged: [6, "bool"],
    seccomp: [9, "SecurityProfile"],
    apparmor: [10, "SecurityProfile"],
    seccompProfilePath: [7, "string"],
  },
  LinuxPodSandboxConfig: {
    cgroupParent: [1, "string"],
    securityContext: [2, "LinuxSandboxSecurityContext"],
    sysctls: [3, "map"],
    overhead: [4, "LinuxContainerResources"],
    resources: [5, "LinuxContainerResources"],
  },
  PodSandboxMetadata: {
    name: [1, "string"],
    uid: [2, "string"],
    namespace: [3, "string"],
    attempt: [4, "uint32"],
  },
  PodSandboxConfig: {
    metadata: [1, "PodSandboxMetadata"],
    hostname: [2, "string"],
    logDirectory: [3, "string"],
    dnsConfig: [4, "DNSConfig"],
    portMappings: [5, "[]PortMapping"],
    labels: [6, "map"],
    annotations: [7, "map"],
    linux: [8, "LinuxPodSandboxConfig"],
  },
  RunPodSandboxRequest: {
    config: [1, "PodSandboxConfig"],
    runtimeHandler: [2, "string"],
  },
  RunPodSandboxResponse: {
    podSandboxId: [1, "string"],
  },
  StopPodSandboxRequest: {
    podSandboxId: [1, "string"],
  },
  StopPodSandboxResponse: {},
  RemovePodSandboxRequest: {
    podSandboxId: [1, "string"],
  },
  RemovePodSandboxResponse: {},
  PodSandboxStatusRequest: {
    podSandboxId: [1, "string"],
    verbose: [2, "bool"],
  },
  PodIP: {
    ip: [1, "string"],
  },
  PodSandboxNetworkStatus: {
    ip: [1, "string"],
    additionalIps: [2, "[]PodIP"],
  },
  Namespace: {
    options: [2, "NamespaceOption"],
  },
  LinuxPodSandboxStatus: {
    namespaces: [1, "Namespace"],
  },
  PodSandboxStatus: {
    id: [1, "string"],
    metadata: [2, "PodSandboxMetadata"],
    state: [3, "PodSandboxState"],
    createdAt: [4, "int64"],
    network: [5, "PodSandboxNetworkStatus"],
    linux: [6, "LinuxPodSandboxStatus"],
    labels: [7, "map"],
    annotations: [8, "map"],
    runtimeHandler: [9, "string"],
  },
  PodSandboxStatusResponse: {
    status: [1, "PodSandboxStatus"],
    info: [2, "map"],
    containersStatuses: [3, "[]ContainerStatus"],
    timestamp: [4, "int64"],
  },
  PodSandboxStateValue: {
    state: [1, "PodSandboxState"],
  },
  PodSandboxFilter: {
    id: [1, "string"],
    state: [2, "PodSandboxStateValue"],
    labelSelector: [3, "map"],
  },
  ListPodSandboxRequest: {
    filter: [1, "PodSandboxFilter"],
  },
  PodSandbox: {
    id: [1, "string"],
    metadata: [2, "PodSandboxMetadata"],
    state: [3, "PodSandboxState"],
    createdAt: [4, "int64"],
    labels: [5, "map"],
    annotations: [6, "map"],
    runtimeHandler: [7, "string"],
  },
  ListPodSandboxResponse: {
    items: [1, "[]PodSandbox"],
  },
  PortForwardRequest: {
    podSandboxId: [1, "string"],
    port: [2, "[]int32"],
  },
  PortForwardResponse: {
    url: [1, "string"],
  },
  UpdatePodSandboxResourcesRequest: {
    podSandboxId: [1, "string"],
    overhead: [2, "LinuxContainerResources"],
    resources: [3, "LinuxContainerResources"],
  },
  UpdatePodSandboxResourcesResponse: {},
} as const;
