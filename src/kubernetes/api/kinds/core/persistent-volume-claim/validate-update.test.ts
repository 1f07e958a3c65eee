// What may change in claims, and what a real server says of the rest.

import { testUpdateErrors } from "../../testing/kind-rows.ts";

const claim = {
  metadata: { name: "c" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2Gi" } } },
};
const bound = {
  metadata: { name: "c" },
  spec: {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "3Gi" } },
    volumeName: "v",
    storageClassName: "s",
    volumeAttributesClassName: "a",
  },
  status: { phase: "Bound", capacity: { storage: "2Gi" }, currentVolumeAttributesClassName: "a" },
};
const annotated = {
  metadata: { name: "c", annotations: { "volume.beta.kubernetes.io/storage-class": "s" } },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2Gi" } } },
};

testUpdateErrors("validateClaimUpdate", "PersistentVolumeClaim", [
  ["fine: it gets a class once", claim, { spec: { storageClassName: "s" } }, []],
  ["fine: it gets a volume once", claim, { spec: { volumeName: "v" } }, []],
  [
    "an unbound claim keeps its size",
    claim,
    { spec: { resources: { requests: { storage: "3Gi" } } } },
    [
      'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n@@ -6,7 +6,7 @@\n  "Resources": {\n   "Limits": null,\n   "Requests": {\n-   "storage": "2Gi"\n+   "storage": "3Gi"\n   }\n  },\n  "VolumeName": "",\n',
    ],
  ],
  [
    "fine: a bound one grows, and shrinks until it has grown",
    bound,
    { spec: { resources: { requests: { storage: "2500Mi" } } } },
    [],
  ],
  [
    "but not below what it has",
    bound,
    { spec: { resources: { requests: { storage: "2Gi" } } } },
    ["spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"],
  ],
  [
    "it keeps its volume, modes and class",
    bound,
    { spec: { volumeName: "w", volumeMode: "Block", storageClassName: "t" } },
    [
      'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n@@ -9,9 +9,9 @@\n    "storage": "3Gi"\n   }\n  },\n- "VolumeName": "v",\n- "StorageClassName": "s",\n- "VolumeMode": "Filesystem",\n+ "VolumeName": "w",\n+ "StorageClassName": "t",\n+ "VolumeMode": "Block",\n  "DataSource": null,\n  "DataSourceRef": null,\n  "VolumeAttributesClassName": "a"\n',
      'volumeMode: Invalid value: "Block": field is immutable',
    ],
  ],
  ["fine: another class of attributes", bound, { spec: { volumeAttributesClassName: "b" } }, []],
  [
    "but some class",
    bound,
    { spec: { volumeAttributesClassName: null } },
    [
      "spec.volumeAttributesClassName: Forbidden: update to nil is forbidden when status.currentVolumeAttributesClassName is not nil",
    ],
  ],
  [
    "the old annotation stays",
    annotated,
    { metadata: { annotations: { "volume.beta.kubernetes.io/storage-class": "t" } } },
    ['metadata.annotations.volume.beta.kubernetes.io/storage-class: Invalid value: "t": field is immutable'],
  ],
  [
    "fine: until the field says the same",
    annotated,
    { metadata: { annotations: { "volume.beta.kubernetes.io/storage-class": null } }, spec: { storageClassName: "s" } },
    [],
  ],
]);

testUpdateErrors(
  "validateClaimStatusUpdate",
  "PersistentVolumeClaim",
  [
    [
      "fine: what a driver writes",
      bound,
      {
        status: { allocatedResources: { storage: "3Gi" }, allocatedResourceStatuses: { storage: "NodeResizePending" } },
      },
      [],
    ],
    [
      "amounts and resources are sound",
      bound,
      {
        status: {
          capacity: { storage: "-1" },
          allocatedResources: { cpu: "1" },
          allocatedResourceStatuses: { "a b": "Growing" },
        },
      },
      [
        "status.capacity[storage]: Invalid value: -1: must be a valid resource quantity",
        "status.allocatedResourceStatuses: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
        'status.allocatedResourceStatuses: Unsupported value: "a b": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
        'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
      ],
    ],
  ],
  "status",
);
