// The annotations by which volumes, claims, provisioners and the scheduler understand each other.

export const bindCompleted = "pv.kubernetes.io/bind-completed";
export const boundByController = "pv.kubernetes.io/bound-by-controller";
export const provisionedBy = "pv.kubernetes.io/provisioned-by";
export const migratedTo = "pv.kubernetes.io/migrated-to";
export const preResizeCapacity = "volume.alpha.kubernetes.io/pre-resize-capacity";
export const selectedNode = "volume.kubernetes.io/selected-node";
export const storageProvisioner = "volume.kubernetes.io/storage-provisioner";
export const betaStorageProvisioner = "volume.beta.kubernetes.io/storage-provisioner";
export const storageResizer = "volume.kubernetes.io/storage-resizer";
export const betaStorageClass = "volume.beta.kubernetes.io/storage-class";
