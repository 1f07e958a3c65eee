// What may change in PersistentVolumes, and what a real server says of the rest.

import { testUpdateErrors } from "../../testing/kind-rows.ts";

const disk = {
  metadata: { name: "v" },
  spec: {
    capacity: { storage: "1Gi" },
    accessModes: ["ReadWriteOnce"],
    csi: { driver: "a.b", volumeHandle: "h" },
    volumeAttributesClassName: "a",
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: "beta.kubernetes.io/os", operator: "In", values: ["linux"] }] },
        ],
      },
    },
  },
};

testUpdateErrors("validatePersistentVolumeUpdate", "PersistentVolume", [
  [
    "fine: capacity and policy",
    disk,
    { spec: { capacity: { storage: "2Gi" }, persistentVolumeReclaimPolicy: "Delete" } },
    [],
  ],
  [
    "fine: a secret for growing",
    disk,
    { spec: { csi: { controllerExpandSecretRef: { name: "s", namespace: "n" } } } },
    [],
  ],
  [
    "the source stays",
    disk,
    { spec: { csi: { volumeHandle: "other" } } },
    [
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n@@ -22,7 +22,7 @@\n  "StorageOS": null,\n  "CSI": {\n   "Driver": "a.b",\n-  "VolumeHandle": "h",\n+  "VolumeHandle": "other",\n   "ReadOnly": false,\n   "FSType": "",\n   "VolumeAttributes": null,\n',
    ],
  ],
  [
    "the mode stays",
    disk,
    { spec: { volumeMode: "Block" } },
    ['volumeMode: Invalid value: "Block": field is immutable'],
  ],
  [
    "fine: labels of nodes are brought up to date",
    disk,
    {
      spec: {
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/os", operator: "In", values: ["linux"] }] }],
          },
        },
      },
    },
    [],
  ],
  [
    "the affinity else stays",
    disk,
    {
      spec: {
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/os", operator: "In", values: ["other"] }] }],
          },
        },
      },
    },
    [
      'nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":[{"MatchExpressions":[{"Key":"kubernetes.io/os","Operator":"In","Values":["other"]}],"MatchFields":null}]}}: field is immutable, except for updating from beta label to GA',
    ],
  ],
  [
    "a class of attributes is not taken away",
    disk,
    { spec: { volumeAttributesClassName: null } },
    ["spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden"],
  ],
  [
    "what is wrong is said twice",
    disk,
    { spec: { accessModes: [] } },
    ["spec.accessModes: Required value", "spec.accessModes: Required value"],
  ],
  [
    "mount options are for some sources",
    disk,
    { metadata: { annotations: { "volume.beta.kubernetes.io/mount-options": "ro" } } },
    [
      "metadata.annotations.volume.beta.kubernetes.io/mount-options: Forbidden: may not specify mount options for this volume type",
    ],
  ],
]);
