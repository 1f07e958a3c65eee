// Containers added to running pods, and what a real server says of anything else.

import { testUpdateErrors } from "../../testing/kind-rows.ts";

const pod = {
  metadata: { name: "p", annotations: { a: "b" } },
  spec: {
    nodeName: "n",
    activeDeadlineSeconds: 100,
    tolerations: [{ key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 }],
    containers: [{ name: "c", image: "i" }],
  },
};

testUpdateErrors(
  "validateEphemeralContainersUpdate",
  "Pod",
  [
    [
      "fine: one is added, all else ignored",
      pod,
      {
        spec: { activeDeadlineSeconds: 5, ephemeralContainers: [{ name: "e", image: "i", targetContainerName: "c" }] },
      },
      [],
    ],
    [
      "its name is new",
      pod,
      { spec: { ephemeralContainers: [{ name: "c", image: "i" }] } },
      ['spec.ephemeralContainers[0].name: Duplicate value: "c"'],
    ],
    [
      "static pods have none",
      {
        metadata: { name: "p", annotations: { "kubernetes.io/config.mirror": "x" } },
        spec: { nodeName: "n", containers: [{ name: "c", image: "i" }] },
      },
      { spec: { ephemeralContainers: [{ name: "e", image: "i" }] } },
      ["[]: Forbidden: static pods do not support ephemeral containers"],
    ],
  ],
  "ephemeralcontainers",
);
