// The release of Kubernetes that everything here is compatible with on the wire.

export const kubernetesVersion = "v1.36.2";
