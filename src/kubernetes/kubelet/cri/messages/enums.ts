// Enums of CRI v1 (runtime.v1), values in the order of their numbers.

export const criEnums = {
  Protocol: ["TCP", "UDP", "SCTP"],
  MountPropagation: ["PROPAGATION_PRIVATE", "PROPAGATION_HOST_TO_CONTAINER", "PROPAGATION_BIDIRECTIONAL"],
  NamespaceMode: ["POD", "CONTAINER", "NODE", "TARGET"],
  SupplementalGroupsPolicy: ["Merge", "Strict"],
  ProfileType: ["RuntimeDefault", "Unconfined", "Localhost"],
  PodSandboxState: ["SANDBOX_READY", "SANDBOX_NOTREADY"],
  ContainerState: ["CONTAINER_CREATED", "CONTAINER_RUNNING", "CONTAINER_EXITED", "CONTAINER_UNKNOWN"],
  ContainerEventType: [
    "CONTAINER_CREATED_EVENT",
    "CONTAINER_STARTED_EVENT",
    "CONTAINER_STOPPED_EVENT",
    "CONTAINER_DELETED_EVENT",
  ],
  CgroupDriver: ["SYSTEMD", "CGROUPFS"],
} as const;
