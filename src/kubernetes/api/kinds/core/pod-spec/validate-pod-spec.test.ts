// What is wrong with pods' specs as a whole, in a real server's words.

import { testCreateErrors } from "../../testing/kind-rows.ts";

testCreateErrors(
  "validatePodSpec",
  "Pod",
  (spec: object) => ({ metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }], ...spec } }),
  [
    [
      "policies are known ones",
      { restartPolicy: "Sometimes", dnsPolicy: "Perhaps", preemptionPolicy: "Always" },
      [
        'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
        'spec.dnsPolicy: Unsupported value: "Perhaps": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
        'spec.preemptionPolicy: Unsupported value: "Always": supported values: "PreemptLowerPriority", "Never"',
      ],
    ],
    [
      "names are names",
      {
        nodeName: "N",
        serviceAccountName: "S_A",
        schedulerName: "S S",
        runtimeClassName: "R",
        priorityClassName: "P",
        hostname: "a.b",
        subdomain: "A",
      },
      [
        "spec.serviceAccountName: Invalid value: \"S_A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
        "spec.nodeName: Invalid value: \"N\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
        'spec.hostname: Invalid value: "a.b": must not contain dots',
        "spec.subdomain: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (…)",
        "spec.priorityClassName: Invalid value: \"P\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
        "spec.runtimeClassName: Invalid value: \"R\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
      ],
    ],
    [
      "a deadline is in the future",
      { activeDeadlineSeconds: 0 },
      ["spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"],
    ],
    [
      "node selectors have labels",
      { nodeSelector: { "a b": "c d" } },
      [
        "spec.nodeSelector: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
        "spec.nodeSelector: Invalid value: \"c d\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
      ],
    ],
    [
      "readiness gates and scheduling gates have qualified names",
      { readinessGates: [{ conditionType: "a b" }], schedulingGates: [{ name: "A/" }, { name: "a" }, { name: "a" }] },
      [
        "spec.readinessGates[0].conditionType: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
        "spec.schedulingGates[0]: Invalid value: \"A/\": prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
        'spec.schedulingGates[0]: Invalid value: "A/": name part must be non-empty',
        "spec.schedulingGates[0]: Invalid value: \"A/\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
        'spec.schedulingGates[2]: Duplicate value: "a"',
      ],
    ],
    [
      "a gated pod is on no node",
      { nodeName: "n", schedulingGates: [{ name: "a" }] },
      ["spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"],
    ],
    [
      "host ports are container ports on the host's network",
      { hostNetwork: true, containers: [{ name: "c", image: "i", ports: [{ containerPort: 80, hostPort: 81 }] }] },
      [
        "spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true",
      ],
    ],
    [
      "a host user namespace goes with the host's other namespaces",
      { hostUsers: false, hostNetwork: true, hostPID: true, hostIPC: true },
      [
        "spec.hostNetwork: Forbidden: when `hostUsers` is false",
        "spec.HostPID: Forbidden: when `hostUsers` is false",
        "spec.HostIPC: Forbidden: when `hostUsers` is false",
      ],
    ],
    [
      "processes are shared in the pod or with the host",
      { shareProcessNamespace: true, hostPID: true },
      [
        "spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled",
      ],
    ],
    [
      "overhead is of known resources",
      { overhead: { cpu: "-1", gpu: "1" } },
      [
        'spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
        'spec.overhead.limits[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
        'spec.overhead.limits[gpu]: Invalid value: "gpu": must be a standard resource for containers',
      ],
    ],
    [
      "DNS settings are limited",
      { dnsPolicy: "None" },
      ["spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"],
    ],
    [
      "name servers are addresses, three at most",
      {
        dnsConfig: {
          nameservers: ["x", "1.1.1.1", "2.2.2.2", "3.3.3.3"],
          searches: ["A b"],
          options: [{ value: "1" }],
        },
      },
      [
        'spec.dnsConfig.nameservers: Invalid value: ["x","1.1.1.1","2.2.2.2","3.3.3.3"]: must not have more than 3 nameservers',
        'spec.dnsConfig.nameservers[0]: Invalid value: "x": must be a valid IP address, (…)',
        "spec.dnsConfig.searches[0]: Invalid value: \"A b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (…)",
        "spec.dnsConfig.options[0]: Required value: must not be empty",
      ],
    ],
    [
      "host aliases have addresses and names",
      { hostAliases: [{ ip: "x", hostnames: ["A_b"] }] },
      [
        'spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (…)',
        "spec.hostAliases[0].hostnames[0]: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
      ],
    ],
    [
      "the operating system is a known one",
      { os: { name: "beos" } },
      ['spec.os: Unsupported value: "beos": supported values: "linux", "windows"'],
    ],
    [
      "Windows has no Linux fields",
      {
        os: { name: "windows" },
        hostPID: true,
        hostIPC: true,
        shareProcessNamespace: true,
        securityContext: {
          fsGroup: 1,
          runAsUser: 1,
          sysctls: [{ name: "kernel.shm_rmid_forced", value: "1" }],
          seLinuxOptions: {},
          seccompProfile: { type: "RuntimeDefault" },
        },
      },
      [
        "spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled",
        "spec.securityContext.sysctls[0].name: Invalid value: \"kernel.shm_rmid_forced\": may not be specified when 'hostIPC' is true",
        "spec.securityContext.seLinuxOptions: Forbidden: cannot be set for a windows pod",
        "spec.hostPID: Forbidden: cannot be set for a windows pod",
        "spec.hostIPC: Forbidden: cannot be set for a windows pod",
        "spec.securityContext.seccompProfile: Forbidden: cannot be set for a windows pod",
        "spec.securityContext.fsGroup: Forbidden: cannot be set for a windows pod",
        "spec.securityContext.sysctls: Forbidden: cannot be set for a windows pod",
        "spec.shareProcessNamespace: Forbidden: cannot be set for a windows pod",
        "spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod",
      ],
    ],
    [
      "Linux has no Windows fields",
      {
        os: { name: "linux" },
        securityContext: { windowsOptions: {} },
        containers: [{ name: "c", image: "i", securityContext: { windowsOptions: {} } }],
      },
      [
        "spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod",
        "spec.containers[0].securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod",
      ],
    ],
    [
      "claims of devices are named once, from one source",
      {
        resourceClaims: [
          { name: "a" },
          { name: "a", resourceClaimName: "x", resourceClaimTemplateName: "y" },
          { name: "B", resourceClaimName: "X" },
        ],
      },
      [
        'spec.resourceClaims[0]: Invalid value: {"Name":"a","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
        'spec.resourceClaims[1].name: Duplicate value: "a"',
        'spec.resourceClaims[1]: Invalid value: {"Name":"a","ResourceClaimName":"x","ResourceClaimTemplateName":"y"}: at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
        "spec.resourceClaims[2].name: Invalid value: \"B\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (…)",
        "spec.resourceClaims[2].resourceClaimName: Invalid value: \"X\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
      ],
    ],
    [
      "the pod's own resources are CPU, memory and huge pages",
      { resources: { requests: { cpu: "1", "example.com/gpu": "1" }, limits: { memory: "-1" } } },
      [
        'spec.resources.limits[memory]: Invalid value: "-1": must be greater than or equal to 0',
        'spec.resources.requests[example.com/gpu]: Unsupported value: "example.com/gpu": supported values: "cpu", "hugepages-", "memory"',
        "spec.resources.limits: Required value: Limit must be set for non overcommitable resources",
        'spec.resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0',
      ],
    ],
    [
      "containers fit into the pod's own resources",
      {
        resources: { requests: { cpu: "1" }, limits: { cpu: "2" } },
        containers: [{ name: "c", image: "i", resources: { requests: { cpu: "2" }, limits: { cpu: "3" } } }],
      },
      [
        'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
        'spec.resources.containers[0][cpu].limits: Invalid value: "3": must be less than or equal to pod limits of 2',
      ],
    ],
    [
      "a name that overrides the host's is the only one",
      { hostnameOverride: "a", setHostnameAsFQDN: true, hostNetwork: true },
      [
        "spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true",
        "spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true",
      ],
    ],
  ],
);

testCreateErrors(
  "validatePodAnnotations",
  "Pod",
  (annotations: Record<string, string>) => ({
    metadata: { name: "p", annotations },
    spec: { containers: [{ name: "c", image: "i" }] },
  }),
  [
    [
      "mirror pods are on a node",
      { "kubernetes.io/config.mirror": "x" },
      [
        'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set',
      ],
    ],
    [
      "a cost of deletion is an integer",
      { "controller.kubernetes.io/pod-deletion-cost": "1.5" },
      [
        'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "1.5": must be a 32bit integer',
      ],
    ],
    ["fine: a negative cost", { "controller.kubernetes.io/pod-deletion-cost": "-5" }, []],
    [
      "seccomp profiles are known or local",
      {
        "seccomp.security.alpha.kubernetes.io/pod": "strict",
        "container.seccomp.security.alpha.kubernetes.io/c": "localhost/../a",
      },
      [
        'metadata.annotations.seccomp.security.alpha.kubernetes.io/pod: Invalid value: "strict": must be a valid seccomp profile',
        "metadata.annotations.container.seccomp.security.alpha.kubernetes.io/c: Invalid value: \"../a\": must not contain '..'",
      ],
    ],
    [
      "AppArmor profiles are of containers that are there",
      {
        "container.apparmor.security.beta.kubernetes.io/c": "strict",
        "container.apparmor.security.beta.kubernetes.io/x": "unconfined",
      },
      [
        'metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: Invalid value: "strict": invalid AppArmor profile name: "strict"',
        'metadata.annotations[container.apparmor.security.beta.kubernetes.io/x]: Invalid value: "x": container not found',
      ],
    ],
    [
      "tolerations in an annotation are JSON",
      { "scheduler.alpha.kubernetes.io/tolerations": "[{]" },
      [
        "metadata.annotations: Invalid value: \"scheduler.alpha.kubernetes.io/tolerations\": invalid character ']' looking for beginning of object key string",
      ],
    ],
    [
      "and a list of them",
      { "scheduler.alpha.kubernetes.io/tolerations": '[{"key":"a","effect":"Never"}]' },
      [
        'metadata.annotations.scheduler.alpha.kubernetes.io/tolerations[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      ],
    ],
  ],
);
