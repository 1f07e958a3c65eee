// What is wrong with PersistentVolumes, in a real server's words.

import { testCreateErrors } from "../../testing/kind-rows.ts";

testCreateErrors(
  "validatePersistentVolumeSpec",
  "PersistentVolume",
  (spec: object) => ({
    metadata: { name: "p" },
    spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], ...spec },
  }),
  [
    [
      "capacity, access and a source are needed",
      { accessModes: [] },
      ["spec.accessModes: Required value", "spec: Required value: must specify a volume type"],
    ],
    [
      "capacity is of storage, and some",
      { capacity: { storage: "0", cpu: "1" }, hostPath: { path: "/a" } },
      [
        'spec.capacity: Unsupported value: {"cpu":"1","storage":"0"}: supported values: "storage"',
        'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
      ],
    ],
    [
      "access modes are known, one pod's alone",
      { accessModes: ["ReadWriteOncePod", "ReadWriteMany", "Any"], hostPath: { path: "/a" } },
      [
        'spec.accessModes: Unsupported value: "Any": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
        "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes",
      ],
    ],
    [
      "policies and modes are known",
      { persistentVolumeReclaimPolicy: "Burn", volumeMode: "Tape", hostPath: { path: "/a" } },
      [
        'spec.persistentVolumeReclaimPolicy: Unsupported value: "Burn": supported values: "Delete", "Recycle", "Retain"',
        'spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"',
      ],
    ],
    [
      "the host's root is not recycled",
      { persistentVolumeReclaimPolicy: "Recycle", hostPath: { path: "/a/.." } },
      [
        "spec.hostPath.path: Invalid value: \"/a/..\": must not contain '..'",
        "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
      ],
    ],
    [
      "one source",
      { hostPath: { path: "/a" }, nfs: { server: "s", path: "/p" }, cephfs: { monitors: ["m"] } },
      [
        "spec.nfs: Forbidden: may not specify more than 1 volume type",
        "spec.cephFS: Forbidden: may not specify more than 1 volume type",
      ],
    ],
    [
      "flex next to another slips through",
      { hostPath: { path: "/a" }, flexVolume: { driver: "" } },
      ["spec.flexVolume.driver: Required value"],
    ],
    [
      "local disks say of which node",
      { local: { path: "../a" } },
      [
        "spec.local.path: Invalid value: \"../a\": must not contain '..'",
        "spec.nodeAffinity: Required value: Local volume requires node affinity",
      ],
    ],
    [
      "affinity has requirements",
      { nodeAffinity: {}, hostPath: { path: "/a" } },
      ["spec.nodeAffinity.required: Required value: must specify required node constraints"],
    ],
    [
      "class names are names",
      { storageClassName: "A B", volumeAttributesClassName: "C D", hostPath: { path: "/a" } },
      [
        "spec.storageClassName: Invalid value: \"A B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
        "spec.volumeAttributesClassName: Invalid value: \"C D\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
        "spec.csi: Required value: has to be specified when using volumeAttributesClassName",
      ],
    ],
    [
      "a class of attributes has a name and a driver",
      { volumeAttributesClassName: "", hostPath: { path: "/a" } },
      [
        "spec.volumeAttributesClassName: Required value: an empty string is disallowed",
        "spec.csi: Required value: has to be specified when using volumeAttributesClassName",
      ],
    ],
    [
      "CSI has a driver, a handle, whole references",
      {
        csi: {
          driver: "a_b",
          volumeHandle: "",
          controllerPublishSecretRef: { name: "A" },
          nodeExpandSecretRef: { namespace: "B" },
        },
      },
      [
        "spec.csi.driver: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
        "spec.csi.volumeHandle: Required value",
        "spec.csi.controllerPublishSecretRef.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
        "spec.csi.controllerPublishSecretRef.namespace: Required value",
        "spec.csi.nodeExpandSecretRef.name: Required value",
        "spec.csi.nodeExpandSecretRef.namespace: Invalid value: \"B\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (…)",
      ],
    ],
    [
      "iSCSI secrets have names",
      {
        iscsi: {
          targetPortal: "1.2.3.4",
          iqn: "iqn.2001-04.com.example:storage",
          lun: 0,
          chapAuthDiscovery: true,
          secretRef: {},
        },
      },
      ["spec.iscsi.secretRef.name: Required value"],
    ],
    [
      "GlusterFS endpoints may be elsewhere",
      { glusterfs: { endpoints: "e", path: "p", endpointsNamespace: "" } },
      [
        'spec.glusterfs.endpointsNamespace: Invalid value: "": if the endpointnamespace is set, it must be a valid namespace name',
      ],
    ],
    [
      "Azure secrets may be elsewhere",
      { azureFile: { secretName: "s", shareName: "s", secretNamespace: "" } },
      ["spec.azureFile.secretNamespace: Required value"],
    ],
    [
      "secrets are named with their namespaces",
      { cinder: { volumeID: "x", secretRef: { name: "" } } },
      ["spec.cinder.secretRef.name: Required value", "spec.cinder.secretRef.namespace: Required value"],
    ],
    [
      "StorageOS likewise",
      { storageos: { volumeName: "", secretRef: { name: "a" } } },
      ["spec.storageos.volumeName: Required value", "spec.storageos.secretRef.namespace: Required value"],
    ],
  ],
);
