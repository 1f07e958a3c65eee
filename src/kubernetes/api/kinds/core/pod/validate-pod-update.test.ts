// What may change in pods, and what a real server says of the rest.

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
const gated = {
  metadata: { name: "p" },
  spec: {
    schedulingGates: [{ name: "a" }, { name: "b" }],
    nodeSelector: { a: "b" },
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "Exists" }] }],
        },
      },
    },
    containers: [{ name: "c", image: "i" }],
  },
};

testUpdateErrors("validatePodUpdate", "Pod", [
  [
    "fine: images, labels, a shorter deadline",
    pod,
    { metadata: { labels: { a: "b" } }, spec: { activeDeadlineSeconds: 50, containers: [{ name: "c", image: "i2" }] } },
    [],
  ],
  [
    "images are needed",
    pod,
    { spec: { containers: [{ name: "c", image: "" }] } },
    [
      "spec.containers[0].image: Required value",
      "spec.containers[0].image: Required value",
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n@@ -27,7 +27,7 @@\n    "Lifecycle": null,\n    "TerminationMessagePath": "/dev/termination-log",\n    "TerminationMessagePolicy": "File",\n-   "ImagePullPolicy": "Always",\n+   "ImagePullPolicy": "IfNotPresent",\n    "SecurityContext": null,\n    "Stdin": false,\n    "StdinOnce": false,\n',
    ],
  ],
  [
    "containers are not added",
    pod,
    {
      spec: {
        containers: [
          { name: "c", image: "i" },
          { name: "d", image: "i" },
        ],
      },
    },
    ["spec.containers: Forbidden: pod updates may not add or remove containers"],
  ],
  [
    "a deadline is not put off",
    pod,
    { spec: { activeDeadlineSeconds: 101 } },
    ["spec.activeDeadlineSeconds: Invalid value: 101: must be less than or equal to previous value"],
  ],
  [
    "a deadline is not taken away",
    pod,
    { spec: { activeDeadlineSeconds: null } },
    ["spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value"],
  ],
  [
    "fine: tolerations are added",
    pod,
    {
      spec: {
        tolerations: [
          { key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 9 },
          { key: "b", operator: "Exists" },
        ],
      },
    },
    [],
  ],
  [
    "tolerations stay",
    pod,
    { spec: { tolerations: [] } },
    ["spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"],
  ],
  [
    "AppArmor and mirror annotations stay away",
    pod,
    {
      metadata: {
        annotations: {
          "kubernetes.io/config.mirror": "x",
          "container.apparmor.security.beta.kubernetes.io/c": "unconfined",
        },
      },
    },
    [
      "metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation",
      "metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: Forbidden: may not add AppArmor annotations",
    ],
  ],
  [
    "the rest stays, and the difference is shown",
    pod,
    { spec: { hostNetwork: true, containers: [{ name: "c", image: "i2", command: ["a<b"] }] } },
    [
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n@@ -5,7 +5,9 @@\n   {\n    "Name": "c",\n    "Image": "i",\n-   "Command": null,\n+   "Command": [\n+    "a\\u003cb"\n+   ],\n    "Args": null,\n    "WorkingDir": "",\n    "Ports": null,\n@@ -44,7 +46,7 @@\n  "AutomountServiceAccountToken": null,\n  "NodeName": "n",\n  "SecurityContext": {\n-  "HostNetwork": false,\n+  "HostNetwork": true,\n   "HostPID": false,\n   "HostIPC": false,\n   "ShareProcessNamespace": null,\n',
    ],
  ],
  [
    "a name of a node stays",
    pod,
    { spec: { nodeName: "m" } },
    [
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n@@ -42,7 +42,7 @@\n  "NodeSelector": null,\n  "ServiceAccountName": "",\n  "AutomountServiceAccountToken": null,\n- "NodeName": "n",\n+ "NodeName": "m",\n  "SecurityContext": {\n   "HostNetwork": false,\n   "HostPID": false,\n',
    ],
  ],
  ["fine: gates are removed", gated, { spec: { schedulingGates: [{ name: "b" }] } }, []],
  [
    "gates are not added",
    gated,
    { spec: { schedulingGates: [{ name: "c" }] } },
    ["spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'c'"],
  ],
  [
    "fine: what is gated is narrowed down",
    gated,
    {
      spec: {
        nodeSelector: { c: "d" },
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [
                    { key: "a", operator: "Exists" },
                    { key: "b", operator: "Exists" },
                  ],
                },
              ],
            },
          },
        },
      },
    },
    [],
  ],
  [
    "a gated pod is not widened",
    gated,
    { spec: { nodeSelector: { a: "c" } } },
    [
      'spec.nodeSelector: Invalid value: {"a":"c"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ],
  ],
  [
    "nor its affinity changed",
    gated,
    {
      spec: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: "c", operator: "Exists" }] }],
            },
          },
        },
      },
    },
    [
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]: Invalid value: {"MatchExpressions":[{"Key":"c","Operator":"Exists","Values":null}],"MatchFields":null}: only additions are allowed (no mutations or deletions)',
    ],
  ],
]);
