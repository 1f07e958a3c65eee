// What is wrong with pods' statuses, in a real server's words.

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
const never = {
  metadata: { name: "p" },
  spec: { nodeName: "n", restartPolicy: "Never", containers: [{ name: "c", image: "i" }] },
  status: {
    phase: "Running",
    containerStatuses: [
      { name: "c", image: "i", imageID: "x", ready: false, restartCount: 0, state: { terminated: { exitCode: 1 } } },
    ],
  },
};
const claimed = {
  metadata: { name: "p" },
  spec: { containers: [{ name: "c", image: "i" }], resourceClaims: [{ name: "rc", resourceClaimTemplateName: "t" }] },
};

testUpdateErrors(
  "validatePodStatusUpdate",
  "Pod",
  [
    [
      "fine: what a kubelet writes",
      pod,
      {
        status: {
          phase: "Running",
          podIP: "10.1.1.1",
          hostIP: "1.2.3.4",
          hostIPs: [{ ip: "1.2.3.4" }],
          conditions: [{ type: "Ready", status: "True" }],
        },
      },
      [],
    ],
    [
      "addresses are one of each family",
      pod,
      { status: { podIP: "10.1.1.1", podIPs: [{ ip: "10.1.1.1" }, { ip: "10.1.1.2" }] } },
      [
        'status.podIPs: Invalid value: [{"IP":"10.1.1.1"},{"IP":"10.1.1.2"}]: may specify no more than one IP for each IP family',
      ],
    ],
    [
      "addresses are addresses",
      pod,
      { status: { podIP: "x", podIPs: [{ ip: "x" }, { ip: "y" }] } },
      [
        'status.podIPs[0]: Invalid value: "x": must be a valid IP address, (…)',
        'status.podIPs[1]: Invalid value: "y": must be a valid IP address, (…)',
        "status.podIPs: Internal error: failed to check for dual stack with error:invalid IP[0]: x",
        'status.podIPs: Invalid value: [{"IP":"x"},{"IP":"y"}]: may specify no more than one IP for each IP family',
      ],
    ],
    [
      "the host's first address is its address",
      pod,
      { status: { hostIP: "1.2.3.4", hostIPs: [{ ip: "1.2.3.5" }] } },
      ['status.hostIPs[0].ip: Invalid value: "1.2.3.5": must be equal to `hostIP`'],
    ],
    [
      "conditions have names and generations",
      pod,
      { status: { conditions: [{ type: "a b", status: "True", observedGeneration: -1 }], observedGeneration: -1 } },
      [
        "status.conditions[0].observedGeneration: Invalid value: -1: must be a non-negative integer",
        "status.conditions[0].Type: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
        "status.observedGeneration: Invalid value: -1: must be a non-negative integer",
      ],
    ],
    [
      "what ended stays so",
      never,
      {
        status: {
          containerStatuses: [
            { name: "c", image: "i", imageID: "x", ready: false, restartCount: 0, state: { running: {} } },
          ],
        },
      },
      ["status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state"],
    ],
    [
      "a bound pod is nominated no more",
      pod,
      { status: { nominatedNodeName: "x" } },
      ["status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node"],
    ],
    [
      "statuses of claims are of its claims",
      claimed,
      {
        status: {
          resourceClaimStatuses: [
            { name: "x", resourceClaimName: "A" },
            { name: "rc", resourceClaimName: "" },
          ],
        },
      },
      [
        'status.resourceClaimStatuses[0].name: Invalid value: "x": must match the name of an entry in `spec.resourceClaims`',
        "status.resourceClaimStatuses[0].resourceClaimName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
        "status.resourceClaimStatuses[1].resourceClaimName: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
      ],
    ],
  ],
  "status",
);
