// The default storage class: folders on the node a pod runs on.

import type { Addon } from "../addon.ts";

export const localPathProvisioner = "slipway.dev/local-path";

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
  ],
};
