// What may change in running pods' resources, and what a real server says of the rest.

import { testUpdateErrors } from "../../testing/kind-rows.ts";

const resizable = {
  metadata: { name: "p" },
  spec: {
    containers: [
      {
        name: "c",
        image: "i",
        resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "2", memory: "2Gi" } },
      },
    ],
    initContainers: [{ name: "s", image: "i", restartPolicy: "Always", resources: { requests: { cpu: "1" } } }],
  },
};
const running = {
  metadata: { name: "p" },
  spec: {
    containers: [
      {
        name: "c",
        image: "i",
        resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "2", memory: "2Gi" } },
      },
    ],
    initContainers: [{ name: "s", image: "i", restartPolicy: "Always", resources: { requests: { cpu: "1" } } }],
  },
  status: {
    phase: "Running",
    containerStatuses: [{ name: "c", image: "i", imageID: "x", ready: true, restartCount: 0, state: { running: {} } }],
  },
};

testUpdateErrors(
  "validateResize",
  "Pod",
  [
    [
      "fine: CPU and memory",
      resizable,
      {
        spec: {
          containers: [
            {
              name: "c",
              image: "i",
              resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "3", memory: "3Gi" } },
            },
          ],
        },
      },
      [],
    ],
    [
      "the class of service stays",
      {
        metadata: { name: "p" },
        spec: { containers: [{ name: "c", image: "i", resources: { requests: { cpu: "1", memory: "1Gi" } } }] },
        status: { phase: "Pending", qosClass: "Burstable" },
      },
      {
        spec: {
          containers: [
            {
              name: "c",
              image: "i",
              resources: { requests: { cpu: "2", memory: "2Gi" }, limits: { cpu: "2", memory: "2Gi" } },
            },
          ],
        },
      },
      ['spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing'],
    ],
    [
      "amounts are not taken away",
      resizable,
      { spec: { containers: [{ name: "c", image: "i", resources: { requests: { cpu: "1" } } }] } },
      [
        "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed",
        "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed",
      ],
    ],
    [
      "other resources stay",
      resizable,
      {
        spec: {
          containers: [
            {
              name: "c",
              image: "i",
              resources: {
                requests: { cpu: "1", memory: "1Gi", "ephemeral-storage": "1Gi" },
                limits: { cpu: "2", memory: "2Gi" },
              },
            },
          ],
        },
      },
      ["spec: Forbidden: only cpu and memory resources are mutable"],
    ],
    [
      "containers are not added",
      resizable,
      {
        spec: {
          containers: [
            { name: "c", image: "i" },
            { name: "d", image: "i" },
          ],
        },
      },
      ["spec.containers: Forbidden: containers may not be added or removed on resize"],
    ],
    [
      "nor renamed",
      resizable,
      { spec: { containers: [{ name: "d", image: "i" }] } },
      ["spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize"],
    ],
    [
      "the node must be able to",
      running,
      {
        spec: {
          containers: [
            {
              name: "c",
              image: "i",
              resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "2", memory: "2Gi" } },
            },
          ],
        },
      },
      ["spec: Forbidden: Pod running on node without support for resize"],
    ],
    [
      "Windows pods stay as they are",
      { metadata: { name: "p" }, spec: { os: { name: "windows" }, containers: [{ name: "c", image: "i" }] } },
      { spec: { containers: [{ name: "c", image: "i", resources: {} }] } },
      ["[]: Forbidden: windows pods cannot be resized"],
    ],
    [
      "static pods, too",
      {
        metadata: { name: "p", annotations: { "kubernetes.io/config.mirror": "x" } },
        spec: { nodeName: "n", containers: [{ name: "c", image: "i" }] },
      },
      { spec: { containers: [{ name: "c", image: "i", resources: {} }] } },
      ["[]: Forbidden: static pods cannot be resized"],
    ],
  ],
  "resize",
);
