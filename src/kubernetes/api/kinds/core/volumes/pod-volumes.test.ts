// What is wrong with the volumes of pods, in a real server's words.

import { testCreateErrors } from "../../testing/kind-rows.ts";

testCreateErrors(
  "validateVolumes",
  "Pod",
  (volumes: object) => ({ metadata: { name: "p" }, spec: { volumes, containers: [{ name: "c", image: "i" }] } }),
  [
    [
      "names are labels, taken once",
      [{ name: "" }, { name: "A" }, { name: "a" }, { name: "a" }],
      [
        "spec.volumes[0].name: Required value",
        "spec.volumes[1].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (…)",
        'spec.volumes[3].name: Duplicate value: "a"',
      ],
    ],
    [
      "one source each",
      [{ name: "a", hostPath: { path: "/a" }, emptyDir: {} }],
      ["spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"],
    ],
    [
      "claims made for ephemeral volumes are not for others",
      [
        {
          name: "e",
          ephemeral: {
            volumeClaimTemplate: {
              spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1" } } },
            },
          },
        },
        { name: "c", persistentVolumeClaim: { claimName: "p-e" } },
      ],
      [
        'spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: "p-e": must not reference a PVC that gets created for an ephemeral volume',
      ],
    ],
  ],
);

testCreateErrors(
  "validateVolumes",
  "Pod",
  (source: object) => ({
    metadata: { name: "p" },
    spec: { volumes: [{ name: "v", ...source }], containers: [{ name: "c", image: "i" }] },
  }),
  [
    [
      "an empty folder's limit is not negative",
      { emptyDir: { sizeLimit: "-1" } },
      ["spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity"],
    ],
    [
      "a path of the host has a known type, no way up",
      { hostPath: { path: "/a/../b", type: "Hole" } },
      [
        "spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'",
        'spec.volumes[0].hostPath.type: Unsupported value: "Hole": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
      ],
    ],
    [
      "a Git repository has a folder inside",
      { gitRepo: { repository: "", directory: "../a" } },
      [
        "spec.volumes[0].gitRepo.repository: Required value",
        "spec.volumes[0].gitRepo.directory: Invalid value: \"../a\": must not contain '..'",
      ],
    ],
    [
      "GCE disks have a name",
      { gcePersistentDisk: { pdName: "", partition: 256 } },
      [
        "spec.volumes[0].persistentDisk.pdName: Required value",
        "spec.volumes[0].persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive",
      ],
    ],
    [
      "AWS disks have an ID",
      { awsElasticBlockStore: { volumeID: "", partition: -1 } },
      [
        "spec.volumes[0].awsElasticBlockStore.volumeID: Required value",
        "spec.volumes[0].awsElasticBlockStore.partition: Invalid value: -1: must be between 1 and 255, inclusive",
      ],
    ],
    [
      "secrets have modes and paths",
      {
        secret: {
          secretName: "",
          defaultMode: 512,
          items: [
            { key: "", path: "/a", mode: -1 },
            { key: "k", path: "" },
          ],
        },
      },
      [
        "spec.volumes[0].secret.secretName: Required value",
        "spec.volumes[0].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive",
        "spec.volumes[0].secret.items[0].key: Required value",
        'spec.volumes[0].secret.items[0].path: Invalid value: "/a": must be a relative path',
        "spec.volumes[0].secret.items[0].mode: Invalid value: -1: must be a number between 0 and 0777 (octal), both inclusive",
        "spec.volumes[0].secret.items[1].path: Required value",
      ],
    ],
    [
      "config maps have names",
      {
        configMap: {
          name: "",
          items: [
            { key: "a", path: "..a" },
            { key: "b", path: "a/../b" },
          ],
        },
      },
      [
        "spec.volumes[0].configMap.name: Required value",
        "spec.volumes[0].configMap.items[0].path: Invalid value: \"..a\": must not start with '..'",
        "spec.volumes[0].configMap.items[1].path: Invalid value: \"a/../b\": must not contain '..'",
      ],
    ],
    [
      "NFS has a server and an absolute path",
      { nfs: { server: "", path: "a" } },
      [
        "spec.volumes[0].nfs.server: Required value",
        'spec.volumes[0].nfs.path: Invalid value: "a": must be an absolute path',
      ],
    ],
    [
      "iSCSI has a portal and a qualified name",
      { iscsi: { targetPortal: "", iqn: "x", lun: 256, initiatorName: "iqn.x", chapAuthSession: true } },
      [
        "spec.volumes[0].iscsi.targetPortal: Required value",
        'spec.volumes[0].iscsi.iqn: Invalid value: "x": must be valid format starting with iqn, eui, or naa',
        "spec.volumes[0].iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive",
        "spec.volumes[0].iscsi.secretRef: Required value",
        'spec.volumes[0].iscsi.initiatorname: Invalid value: "iqn.x": must be valid format',
      ],
    ],
    [
      "iSCSI sessions have short names",
      {
        iscsi: {
          targetPortal: "1.2.3.4:3260,1.2.3.4:3260,1.2.3.4:3260,1.2.3.4:3260,1.2.3.4:3260",
          iqn: "iqn.2001-04.com.example:storage",
          lun: 0,
          initiatorName: "iqn.2001-04.com.example:storage",
        },
      },
      [
        'spec.volumes[0].name: Invalid value: "v": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.',
      ],
    ],
    [
      "GlusterFS has endpoints",
      { glusterfs: { endpoints: "", path: "" } },
      ["spec.volumes[0].glusterfs.endpoints: Required value", "spec.volumes[0].glusterfs.path: Required value"],
    ],
    [
      "Flocker has one identity",
      { flocker: {} },
      ["spec.volumes[0].flocker: Required value: one of datasetName and datasetUUID is required"],
    ],
    [
      "Flocker has only one identity",
      { flocker: { datasetName: "a/b", datasetUUID: "u" } },
      [
        'spec.volumes[0].flocker: Invalid value: "resource": datasetName and datasetUUID can not be specified simultaneously',
        "spec.volumes[0].flocker.datasetName: Invalid value: \"a/b\": must not contain '/'",
      ],
    ],
    [
      "a claim has a name",
      { persistentVolumeClaim: { claimName: "" } },
      ["spec.volumes[0].persistentVolumeClaim.claimName: Required value"],
    ],
    [
      "RBD has monitors",
      { rbd: { monitors: [], image: "" } },
      ["spec.volumes[0].rbd.monitors: Required value", "spec.volumes[0].rbd.image: Required value"],
    ],
    [
      "Cinder has an ID",
      { cinder: { volumeID: "", secretRef: {} } },
      ["spec.volumes[0].cinder.volumeID: Required value", "spec.volumes[0].cinder.secretRef.name: Required value"],
    ],
    ["CephFS has monitors", { cephfs: { monitors: [] } }, ["spec.volumes[0].cephfs.monitors: Required value"]],
    [
      "Quobyte has hosts with ports",
      { quobyte: { registry: "a", volume: "" } },
      [
        'spec.volumes[0].quobyte.registry: Invalid value: "a": must be a host:port pair or multiple pairs separated by commas',
        "spec.volumes[0].quobyte.volume: Required value",
      ],
    ],
    [
      "downward files are of fields or resources",
      {
        downwardAPI: {
          defaultMode: 512,
          items: [
            { path: "a" },
            { path: "/b", fieldRef: { fieldPath: "status.podIP" } },
            {
              path: "c",
              fieldRef: { fieldPath: "metadata.name" },
              resourceFieldRef: { resource: "limits.cpu" },
              mode: 1000,
            },
          ],
        },
      },
      [
        "spec.volumes[0].downwardAPI.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive",
        "spec.volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required",
        'spec.volumes[0].downwardAPI.path: Invalid value: "/b": must be a relative path',
        'spec.volumes[0].downwardAPI.fieldRef.fieldPath: Unsupported value: "status.podIP": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"',
        'spec.volumes[0].downwardAPI: Invalid value: "resource": fieldRef and resourceFieldRef can not be specified simultaneously',
        "spec.volumes[0].downwardAPI.mode: Invalid value: 1000: must be a number between 0 and 0777 (octal), both inclusive",
      ],
    ],
    [
      "FC has one kind of target",
      { fc: {} },
      ["spec.volumes[0].fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both"],
    ],
    [
      "FC targets have a unit",
      { fc: { targetWWNs: ["a"], wwids: ["b"] } },
      [
        'spec.volumes[0].fc.targetWWNs: Invalid value: ["a"]: targetWWNs and wwids can not be specified simultaneously',
        "spec.volumes[0].fc.lun: Required value: lun is required if targetWWNs is specified",
      ],
    ],
    [
      "flex drivers have names, options no reserved ones",
      { flexVolume: { driver: "", options: { "kubernetes.io/x": "y" } } },
      [
        "spec.volumes[0].flexVolume.driver: Required value",
        'spec.volumes[0].flexVolume.options[kubernetes.io/x]: Invalid value: "kubernetes.io/x": kubernetes.io and k8s.io namespaces are reserved',
      ],
    ],
    [
      "Azure files have a share",
      { azureFile: { secretName: "", shareName: "" } },
      ["spec.volumes[0].azureFile.secretName: Required value", "spec.volumes[0].azureFile.shareName: Required value"],
    ],
    [
      "Azure disks are of a known kind",
      { azureDisk: { diskName: "", diskURI: "x", cachingMode: "All", kind: "Other" } },
      [
        "spec.volumes[0].azureDisk.diskName: Required value",
        'spec.volumes[0].azureDisk.cachingMode: Unsupported value: "All": supported values: "None", "ReadOnly", "ReadWrite"',
        'spec.volumes[0].azureDisk.kind: Unsupported value: "Other": supported values: "Dedicated", "Managed", "Shared"',
        'spec.volumes[0].azureDisk.diskURI: Unsupported value: "x": supported values: "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"',
      ],
    ],
    [
      "managed Azure disks are in a subscription",
      { azureDisk: { diskName: "d", diskURI: "https://x", kind: "Managed" } },
      [
        'spec.volumes[0].azureDisk.diskURI: Unsupported value: "https://x": supported values: "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"',
      ],
    ],
    [
      "vSphere has a path",
      { vsphereVolume: { volumePath: "" } },
      ["spec.volumes[0].vsphereVolume.volumePath: Required value"],
    ],
    [
      "Photon has an ID",
      { photonPersistentDisk: { pdID: "" } },
      ["spec.volumes[0].photonPersistentDisk.pdID: Required value"],
    ],
    [
      "Portworx has an ID",
      { portworxVolume: { volumeID: "" } },
      ["spec.volumes[0].portworxVolume.volumeID: Required value"],
    ],
    [
      "ScaleIO has a gateway",
      { scaleIO: { gateway: "", system: "", volumeName: "" } },
      [
        "spec.volumes[0].scaleIO.gateway: Required value",
        "spec.volumes[0].scaleIO.system: Required value",
        "spec.volumes[0].scaleIO.volumeName: Required value",
      ],
    ],
    [
      "StorageOS has names",
      { storageos: { volumeName: "A", volumeNamespace: "B", secretRef: {} } },
      [
        "spec.volumes[0].storageos.volumeName: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (…)",
        "spec.volumes[0].storageos.volumeNamespace: Invalid value: \"B\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (…)",
        "spec.volumes[0].storageos.secretRef.name: Required value",
      ],
    ],
    [
      "projected sources are one each, files distinct",
      {
        projected: {
          defaultMode: 512,
          sources: [
            {},
            { configMap: { name: "a", items: [{ key: "k", path: "p" }] }, secret: { name: "b" } },
            { secret: { name: "c", items: [{ key: "k", path: "p" }] } },
          ],
        },
      },
      [
        "spec.volumes[0].projected.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive",
        "spec.volumes[0].projected.sources[1]: Forbidden: may not specify more than 1 volume type per source",
        'spec.volumes[0].projected: Invalid value: "c": conflicting duplicate paths',
      ],
    ],
    [
      "tokens last ten minutes at least",
      { projected: { sources: [{ serviceAccountToken: { path: "", expirationSeconds: 5 } }] } },
      [
        "spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes",
        "spec.volumes[0].projected.path: Required value",
        "spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set",
      ],
    ],
    [
      "tokens need a service account",
      { projected: { sources: [{ serviceAccountToken: { path: "t", expirationSeconds: 600 } }] } },
      [
        "spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set",
      ],
    ],
    [
      "CSI drivers have names",
      { csi: { driver: "A_b", nodePublishSecretRef: {} } },
      [
        "spec.volumes[0].csi.driver: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
        "spec.volumes[0].csi.nodePublishSecretRef.name: Required value",
      ],
    ],
    [
      "ephemeral volumes have a template",
      { ephemeral: {} },
      ["spec.volumes[0].ephemeral.volumeClaimTemplate: Required value"],
    ],
    [
      "whose claim is sound",
      { ephemeral: { volumeClaimTemplate: { metadata: { name: "a", labels: { "a b": "c" } }, spec: {} } } },
      [
        "spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.labels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
        "spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set",
        "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required",
        "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value",
      ],
    ],
    [
      "images have a reference",
      { image: { pullPolicy: "Sometimes" } },
      [
        "spec.volumes[0].image.reference: Required value",
        'spec.volumes[0].image.pullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
      ],
    ],
  ],
);
