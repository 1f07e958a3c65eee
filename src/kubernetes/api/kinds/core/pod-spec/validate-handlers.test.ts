// What is wrong with containers' probes and resources, in a real server's words.

import { testCreateErrors } from "../../testing/kind-rows.ts";

testCreateErrors(
  "validateProbe",
  "Pod",
  (probe: object) => ({
    metadata: { name: "p" },
    spec: { containers: [{ name: "c", image: "i", livenessProbe: probe }] },
  }),
  [
    ["a handler is needed", {}, ["spec.containers[0].livenessProbe: Required value: must specify a handler type"]],
    [
      "one handler is enough",
      { exec: { command: ["a"] }, tcpSocket: { port: 80 } },
      ["spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type"],
    ],
    ["a command is needed", { exec: {} }, ["spec.containers[0].livenessProbe.exec.command: Required value"]],
    [
      "numbers are not negative",
      {
        exec: { command: ["a"] },
        initialDelaySeconds: -1,
        timeoutSeconds: -1,
        periodSeconds: -1,
        successThreshold: -1,
        failureThreshold: -1,
      },
      [
        "spec.containers[0].livenessProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0",
        "spec.containers[0].livenessProbe.timeoutSeconds: Invalid value: -1: must be greater than or equal to 0",
        "spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0",
        "spec.containers[0].livenessProbe.successThreshold: Invalid value: -1: must be greater than or equal to 0",
        "spec.containers[0].livenessProbe.failureThreshold: Invalid value: -1: must be greater than or equal to 0",
        "spec.containers[0].livenessProbe.successThreshold: Invalid value: -1: must be 1",
      ],
    ],
    [
      "liveness needs one success",
      { exec: { command: ["a"] }, successThreshold: 2 },
      ["spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1"],
    ],
    [
      "a grace period is at least a second",
      { exec: { command: ["a"] }, terminationGracePeriodSeconds: 0 },
      ["spec.containers[0].livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0"],
    ],
    [
      "ports are numbers or names",
      { tcpSocket: { port: 70000 } },
      ["spec.containers[0].livenessProbe.tcpSocket.port: Invalid value: 70000: must be between 1 and 65535, inclusive"],
    ],
    [
      "names of ports have a letter",
      { tcpSocket: { port: "80" } },
      ['spec.containers[0].livenessProbe.tcpSocket.port: Invalid value: "80": must contain at least one letter (a-z)'],
    ],
    [
      "gRPC has a number",
      { grpc: { port: 0 } },
      ["spec.containers[0].livenessProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive"],
    ],
    [
      "HTTP has a path, a port, a known scheme",
      { httpGet: { port: 0, scheme: "FTP" } },
      [
        "spec.containers[0].livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive",
        'spec.containers[0].livenessProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"',
      ],
    ],
    [
      "headers have names",
      {
        httpGet: {
          port: 80,
          httpHeaders: [
            { name: "X-A", value: "b" },
            { name: "a b", value: "c" },
          ],
        },
      },
      [
        "spec.containers[0].livenessProbe.httpGet.httpHeaders: Invalid value: \"a b\": a valid HTTP header must consist of alphanumeric characters or '-' (…)",
      ],
    ],
  ],
);

testCreateErrors(
  "validateResources",
  "Pod",
  (resources: object) => ({ metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i", resources }] } }),
  [
    [
      "amounts are not negative",
      { limits: { cpu: "-1" }, requests: { memory: "-1Gi" } },
      [
        'spec.containers[0].resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
        'spec.containers[0].resources.requests[memory]: Invalid value: "-1Gi": must be greater than or equal to 0',
        'spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      ],
    ],
    [
      "requests stay within limits",
      { limits: { cpu: "1" }, requests: { cpu: "2" } },
      ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
    ],
    [
      "what cannot be overcommitted is limited to its request",
      { limits: { "example.com/gpu": "2" }, requests: { "example.com/gpu": "1" } },
      ['spec.containers[0].resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2'],
    ],
    [
      "extended resources come whole",
      { limits: { "example.com/gpu": "1500m" } },
      [
        'spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "1500m": must be an integer',
        'spec.containers[0].resources.requests[example.com/gpu]: Invalid value: "1500m": must be an integer',
      ],
    ],
    [
      "unlimited requests of them make no sense",
      { requests: { "example.com/gpu": "1" } },
      ["spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources"],
    ],
    [
      "resources are known or have a domain",
      { limits: { gpu: "1" } },
      [
        'spec.containers[0].resources.limits[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
        'spec.containers[0].resources.limits[gpu]: Invalid value: "gpu": must be a standard resource for containers',
        'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
        'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers',
      ],
    ],
    [
      "resources have qualified names",
      { limits: { "a b/c": "1" } },
      [
        "spec.containers[0].resources.limits[a b/c]: Invalid value: \"a b/c\": prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
        'spec.containers[0].resources.limits[a b/c]: Invalid value: "a b/c": doesn\'t follow extended resource name standard',
        "spec.containers[0].resources.requests[a b/c]: Invalid value: \"a b/c\": prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
        'spec.containers[0].resources.requests[a b/c]: Invalid value: "a b/c": doesn\'t follow extended resource name standard',
      ],
    ],
    [
      "storage is not a container's",
      { limits: { storage: "1Gi" } },
      [
        'spec.containers[0].resources.limits[storage]: Invalid value: "storage": must be a standard resource for containers',
        'spec.containers[0].resources.requests[storage]: Invalid value: "storage": must be a standard resource for containers',
      ],
    ],
    [
      "huge pages come whole and with memory or CPU",
      { limits: { "hugepages-2Mi": "3Mi" } },
      [
        'spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
        'spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
        "spec.containers[0].resources: Forbidden: HugePages require cpu or memory",
      ],
    ],
    ["fine: huge pages with memory", { limits: { "hugepages-2Mi": "4Mi", memory: "1Gi" } }, []],
    [
      "claims refer to the pod's",
      { claims: [{ name: "a" }, { name: "" }] },
      [
        'spec.containers[0].resources.claims[0]: Not found: "a": must be one of the names in pod.spec.resourceClaims which is empty',
        "spec.containers[0].resources.claims[1]: Required value",
      ],
    ],
  ],
);
