// What is wrong with containers, in a real server's words.

import { testCreateErrors } from "../../testing/kind-rows.ts";

testCreateErrors(
  "validateContainer",
  "Pod",
  (container: object) => ({
    metadata: { name: "p" },
    spec: {
      volumes: [
        { name: "v", emptyDir: {} },
        { name: "disk", persistentVolumeClaim: { claimName: "x" } },
      ],
      containers: [{ name: "c", image: "i", ...container }],
    },
  }),
  [
    ["fine: nothing but a name and an image", {}, []],
    ["a name is needed", { name: "" }, ["spec.containers[0].name: Required value"]],
    [
      "a name is a DNS label",
      { name: "A_b" },
      [
        "spec.containers[0].name: Invalid value: \"A_b\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (…)",
      ],
    ],
    ["a name has no dots", { name: "a.b" }, ['spec.containers[0].name: Invalid value: "a.b": must not contain dots']],
    ["an image is needed", { image: "" }, ["spec.containers[0].image: Required value"]],
    [
      "an image has no blanks around it",
      { image: " i " },
      ['spec.containers[0].image: Invalid value: " i ": must not have leading or trailing whitespace'],
    ],
    [
      "the policies are known ones",
      { imagePullPolicy: "Sometimes", terminationMessagePolicy: "Mail" },
      [
        'spec.containers[0].terminationMessagePolicy: Unsupported value: "Mail": supported values: "File", "FallbackToLogsOnError"',
        'spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
      ],
    ],
    [
      "ports have numbers, known protocols and distinct names",
      {
        ports: [
          { name: "http", containerPort: 80 },
          { name: "http", containerPort: 70000, protocol: "tcp" },
          { name: "Web", hostPort: -1 },
        ],
      },
      [
        'spec.containers[0].ports[1].name: Duplicate value: "http"',
        "spec.containers[0].ports[1].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
        'spec.containers[0].ports[1].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"',
        'spec.containers[0].ports[2].name: Invalid value: "Web": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
        "spec.containers[0].ports[2].containerPort: Required value",
        "spec.containers[0].ports[2].hostPort: Invalid value: -1: must be between 1 and 65535, inclusive",
      ],
    ],
    [
      "host ports are taken once",
      {
        ports: [
          { containerPort: 80, hostPort: 80 },
          { containerPort: 81, hostPort: 80 },
          { containerPort: 82, hostPort: 80, protocol: "UDP" },
        ],
      },
      ['spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"'],
    ],
    [
      "mounts refer to volumes, at paths of their own",
      {
        volumeMounts: [
          { name: "v", mountPath: "/a" },
          { name: "v", mountPath: "/a" },
          { name: "x", mountPath: "" },
        ],
      },
      [
        'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique',
        'spec.containers[0].volumeMounts[2].name: Not found: "x"',
        "spec.containers[0].volumeMounts[2].mountPath: Required value",
      ],
    ],
    [
      "sub-paths stay inside the volume",
      {
        volumeMounts: [
          { name: "v", mountPath: "/a", subPath: "../b" },
          { name: "v", mountPath: "/b", subPath: "/b" },
          { name: "v", mountPath: "/c", subPath: "a", subPathExpr: "$(B)/../c" },
        ],
      },
      [
        "spec.containers[0].volumeMounts.subPath: Invalid value: \"../b\": must not contain '..'",
        'spec.containers[0].volumeMounts.subPath: Invalid value: "/b": must be a relative path',
        'spec.containers[0].volumeMounts[2].subPathExpr: Invalid value: "$(B)/../c": subPathExpr and subPath are mutually exclusive',
        "spec.containers[0].volumeMounts.subPathExpr: Invalid value: \"$(B)/../c\": must not contain '..'",
      ],
    ],
    [
      "mounts propagate in known ways, both ways only for the privileged",
      {
        volumeMounts: [
          { name: "v", mountPath: "/a", mountPropagation: "Both" },
          { name: "v", mountPath: "/b", mountPropagation: "Bidirectional" },
        ],
      },
      [
        'spec.containers[0].volumeMounts.mountPropagation: Unsupported value: "Both": supported values: "Bidirectional", "HostToContainer", "None"',
        "spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers",
      ],
    ],
    [
      "recursively read-only mounts are read-only first",
      {
        volumeMounts: [
          { name: "v", mountPath: "/a", recursiveReadOnly: "Enabled" },
          {
            name: "v",
            mountPath: "/b",
            readOnly: true,
            recursiveReadOnly: "Enabled",
            mountPropagation: "HostToContainer",
          },
          { name: "v", mountPath: "/c", recursiveReadOnly: "Now" },
        ],
      },
      [
        "spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true",
        "spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified",
        'spec.containers[0].volumeMounts.recursiveReadOnly: Unsupported value: "Now": supported values: "Disabled", "Enabled", "IfPossible"',
      ],
    ],
    [
      "devices are claims, at paths of their own",
      {
        volumeDevices: [
          { name: "v", devicePath: "/dev/a" },
          { name: "disk", devicePath: "/dev/../b" },
          { name: "disk", devicePath: "" },
          { name: "x", devicePath: "/dev/a" },
        ],
      },
      [
        'spec.containers[0].volumeDevices[0].name: Invalid value: "v": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
        "spec.containers[0].volumeDevices[1].devicePath: Invalid value: \"/dev/../b\": can not contain backsteps ('..')",
        'spec.containers[0].volumeDevices[2].name: Invalid value: "disk": must be unique',
        "spec.containers[0].volumeDevices[2].devicePath: Required value",
        'spec.containers[0].volumeDevices[3].name: Not found: "x"',
        'spec.containers[0].volumeDevices[3].devicePath: Invalid value: "/dev/a": must be unique',
      ],
    ],
    [
      "a volume is mounted or a device, not both",
      { volumeDevices: [{ name: "disk", devicePath: "/a" }], volumeMounts: [{ name: "disk", mountPath: "/a" }] },
      [
        'spec.containers[0].volumeMounts[0].name: Invalid value: "disk": must not already exist in volumeDevices',
        'spec.containers[0].volumeMounts[0].mountPath: Invalid value: "/a": must not already exist as a path in volumeDevices',
        'spec.containers[0].volumeDevices[0].name: Invalid value: "disk": must not already exist in volumeMounts',
        'spec.containers[0].volumeDevices[0].devicePath: Invalid value: "/a": must not already exist as a path in volumeMounts',
      ],
    ],
    [
      "a resize policy is of a resource that can be resized",
      {
        resizePolicy: [
          { resourceName: "cpu", restartPolicy: "NotRequired" },
          { resourceName: "cpu", restartPolicy: "Perhaps" },
          { resourceName: "gpu" },
        ],
      },
      [
        'spec.containers[0].resizePolicy[1]: Duplicate value: "cpu"',
        'spec.containers[0].resizePolicy: Unsupported value: "Perhaps": supported values: "NotRequired", "RestartContainer"',
        'spec.containers[0].resizePolicy: Unsupported value: "gpu": supported values: "cpu", "memory"',
        "spec.containers[0].resizePolicy: Required value",
      ],
    ],
    [
      "a restart policy is a known one",
      { restartPolicy: "Sometimes" },
      [
        'spec.containers[0].restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
      ],
    ],
    [
      "restart rules need a policy, and say on which exit codes",
      { restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [1] } }] },
      ["spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used"],
    ],
    [
      "restart rules are complete",
      {
        restartPolicy: "Never",
        restartPolicyRules: [{ action: "Restart" }, { action: "Halt", exitCodes: { operator: "Is", values: [] } }],
      },
      [
        "spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified",
        'spec.containers[0].restartPolicyRules[1].action: Unsupported value: "Halt": supported values: "Restart", "RestartAllContainers"',
        'spec.containers[0].restartPolicyRules[1].exitCodes.operator: Unsupported value: "Is": supported values: "In", "NotIn"',
      ],
    ],
    [
      "hooks have one handler",
      { lifecycle: { preStop: {}, postStart: { exec: { command: ["a"] }, sleep: { seconds: 1 } } } },
      [
        "spec.containers[0].lifecycle.postStart.sleep: Forbidden: may not specify more than 1 handler type",
        "spec.containers[0].lifecycle.preStop: Required value: must specify a handler type",
      ],
    ],
    [
      "a sleep is no longer than the grace period",
      { lifecycle: { preStop: { sleep: { seconds: 31 } }, postStart: { sleep: { seconds: -1 } } } },
      [
        "spec.containers[0].lifecycle.postStart.sleep: Invalid value: -1: must be non-negative and less than terminationGracePeriodSeconds (30)",
        "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)",
      ],
    ],
  ],
);

testCreateErrors(
  "validateContainers",
  "Pod",
  (spec: object) => ({ metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }], ...spec } }),
  [
    ["there is a container", { containers: [] }, ["spec.containers: Required value"]],
    [
      "names are taken once",
      {
        containers: [
          { name: "a", image: "i" },
          { name: "a", image: "i" },
        ],
        initContainers: [{ name: "a", image: "i" }],
      },
      ['spec.containers[1].name: Duplicate value: "a"', 'spec.initContainers[0].name: Duplicate value: "a"'],
    ],
    [
      "init containers end: no probes, no hooks",
      {
        initContainers: [
          {
            name: "i",
            image: "i",
            livenessProbe: { exec: { command: ["a"] } },
            readinessProbe: { exec: { command: ["a"] } },
            startupProbe: { exec: { command: ["a"] } },
            lifecycle: { preStop: { exec: { command: ["a"] } } },
          },
        ],
      },
      [
        "spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always",
        "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always",
        "spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always",
        "spec.initContainers[0].startupProbe: Forbidden: may not be set for init containers without restartPolicy=Always",
      ],
    ],
    [
      "fine: sidecars have probes and hooks",
      {
        initContainers: [
          {
            name: "i",
            image: "i",
            restartPolicy: "Always",
            livenessProbe: { exec: { command: ["a"] } },
            lifecycle: { preStop: { exec: { command: ["a"] } } },
          },
        ],
      },
      [],
    ],
    [
      "ephemeral containers are added later",
      { ephemeralContainers: [{ name: "e", image: "i" }] },
      ["spec.ephemeralContainers: Forbidden: cannot be set on create"],
    ],
    [
      "ephemeral containers are for looking around",
      {
        ephemeralContainers: [
          {
            name: "c",
            image: "i",
            targetContainerName: "x",
            ports: [{ containerPort: 80 }],
            resources: { limits: { cpu: "1" } },
            livenessProbe: {},
            lifecycle: {},
            volumeMounts: [{ name: "v", mountPath: "/v", subPath: "a" }],
          },
        ],
      },
      [
        'spec.ephemeralContainers[0].volumeMounts[0].name: Not found: "v"',
        'spec.ephemeralContainers[0].name: Duplicate value: "c"',
        'spec.ephemeralContainers[0].targetContainerName: Not found: "x"',
        "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container",
        "spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container",
        "spec.ephemeralContainers[0].livenessProbe: Forbidden: cannot be set for an Ephemeral Container",
        "spec.ephemeralContainers[0].lifecycle: Forbidden: cannot be set for an Ephemeral Container",
        "spec.ephemeralContainers[0].volumeMounts[0].subPath: Forbidden: cannot be set for an Ephemeral Container",
        "spec.ephemeralContainers: Forbidden: cannot be set on create",
      ],
    ],
  ],
);
