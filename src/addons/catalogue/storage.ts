// The default storage class: folders on the node a pod runs on.

import type { Addon } from "../addon.ts";

/** As the provisioner in the agents calls itself. */
const localPathProvisioner = "slipway.dev/local-path";

/** Whom the provisioners in the agents act as. */
export const storageUser = "system:slipway:local-path";

export const storage: Addon = {
  name: "storage",
  description: "a default storage class on each node's disk",
  build: () => [
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      provisioner: localPathProvisioner,
      reclaimPolicy: "Delete",
      // The volume comes to the node the pod was put on, not the other way round.
      volumeBindingMode: "WaitForFirstConsumer",
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: storageUser },
      rules: [
        { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: ["get", "list", "watch"] },
        {
          apiGroups: [""],
          resources: ["persistentvolumes"],
          verbs: ["get", "list", "watch", "create", "update", "delete"],
        },
        { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: ["get", "list", "watch"] },
        { apiGroups: [""], resources: ["events"], verbs: ["create", "patch", "update"] },
      ],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: storageUser },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: storageUser },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: storageUser }],
    },
  ],
};
