import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeKind, definitionOf, type Input, testTime } from "../testing/kind-rows.ts";

/** A kind, what is created, what the answer warns of. */
type Row = readonly [name: string, kind: string, input: Input, warnings: readonly string[]];

const container = { name: "c", image: "i" };
const pod = (spec: object, metadata: object = {}): Input => ({
  metadata: { name: "p", ...metadata },
  spec: { containers: [container], ...spec },
});

const rows: readonly Row[] = [
  ["pods: an ordinary one", "Pod", pod({}), []],
  [
    "pods: a name that is no host's",
    "Pod",
    pod({}, { name: "a.b" }),
    [
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
    ],
  ],
  [
    "pods: labels of nodes that were replaced",
    "Pod",
    pod({
      nodeSelector: { "beta.kubernetes.io/os": "linux" },
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "failure-domain.beta.kubernetes.io/zone", whenUnsatisfiable: "DoNotSchedule" },
      ],
    }),
    [
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
      'spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
      "spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod",
    ],
  ],
  [
    "pods: annotations that do nothing",
    "Pod",
    pod(
      {},
      {
        annotations: {
          "scheduler.alpha.kubernetes.io/critical-pod": "",
          "seccomp.security.alpha.kubernetes.io/pod": "unconfined",
        },
      },
    ),
    [
      'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
      'metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead',
    ],
  ],
  [
    "pods: an AppArmor annotation",
    "Pod",
    pod({}, { annotations: { "container.apparmor.security.beta.kubernetes.io/c": "runtime/default" } }),
    [
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the "appArmorProfile" field instead',
    ],
  ],
  [
    "pods: volumes that do not work any more, or share a file",
    "Pod",
    pod({
      volumes: [
        { name: "a", glusterfs: { endpoints: "e", path: "p" } },
        {
          name: "b",
          configMap: {
            name: "c",
            items: [
              { key: "x", path: "a" },
              { key: "y", path: "a/b" },
            ],
          },
        },
      ],
    }),
    [
      "spec.volumes[0].glusterfs: deprecated in v1.25, non-functional in v1.26+",
      'volume "b" (ConfigMap "c"): overlapping paths: "a/b" with "a"',
    ],
  ],
  [
    "pods: fractions of bytes, variables hidden by others",
    "Pod",
    pod({
      containers: [
        {
          ...container,
          resources: { limits: { memory: "1500m" } },
          env: [
            { name: "A", value: "1" },
            { name: "A", value: "$(A)2" },
            { name: "A", value: "3" },
          ],
        },
      ],
    }),
    [
      'spec.containers[0].resources.limits[memory]: fractional byte value "1500m" is invalid, must be an integer',
      'spec.containers[0].resources.requests[memory]: fractional byte value "1500m" is invalid, must be an integer',
      'spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply',
    ],
  ],
  [
    "pods: ports in each other's way",
    "Pod",
    pod({
      containers: [
        { ...container, ports: [{ name: "a", containerPort: 80, hostIP: "1.2.3.4" }, { containerPort: 81 }] },
        { name: "d", image: "i", ports: [{ name: "a", containerPort: 81 }] },
      ],
    }),
    [
      "spec.containers[0].ports[0]: hostIP set without hostPort: {Name:a HostPort:0 ContainerPort:80 Protocol:TCP HostIP:1.2.3.4}",
      "spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[1]",
      'spec.containers[1].ports[0]: duplicate port name "a" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]',
    ],
  ],
  [
    "pods: repeated aliases and secrets",
    "Pod",
    pod({ hostAliases: [{ ip: "1.2.3.4" }, { ip: "1.2.3.4" }], imagePullSecrets: [{ name: "a" }, { name: "a" }, {}] }),
    [
      'spec.hostAliases[1].ip: duplicate ip "1.2.3.4"',
      'spec.imagePullSecrets[1].name: duplicate name "a"',
      'spec.imagePullSecrets[2].name: invalid empty name ""',
    ],
  ],
  [
    "templates: by their place",
    "PodTemplate",
    { metadata: { name: "p" }, template: pod({ nodeSelector: { "node-role.kubernetes.io/master": "" } }) },
    ['template.spec.nodeSelector[node-role.kubernetes.io/master]: use "node-role.kubernetes.io/control-plane" instead'],
  ],
  [
    "services: fields without effect",
    "Service",
    {
      metadata: { name: "s", annotations: { "service.kubernetes.io/topology-aware-hints": "Auto" } },
      spec: {
        clusterIP: "None",
        clusterIPs: ["None"],
        externalIPs: ["01.2.3.4"],
        externalName: "x",
        trafficDistribution: "PreferClose",
      },
    },
    [
      "annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead",
      "spec.externalIPs is ignored for headless services",
      'spec.externalIPs[0]: non-standard IP address "01.2.3.4" is invalid: use "1.2.3.4"',
      'spec.externalName is ignored when spec.type is not "ExternalName"',
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ],
  ],
  [
    "volumes: what is deprecated",
    "PersistentVolume",
    {
      metadata: { name: "v", annotations: { "volume.beta.kubernetes.io/storage-class": "s" } },
      spec: { persistentVolumeReclaimPolicy: "Recycle", rbd: { monitors: ["m"], image: "i" } },
    },
    [
      'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
      "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.",
      "spec.rbd: deprecated in v1.28, non-functional in v1.31+",
    ],
  ],
  [
    "claims: fractions of bytes",
    "PersistentVolumeClaim",
    { metadata: { name: "c" }, spec: { resources: { requests: { storage: "1500m" } } } },
    ['spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer'],
  ],
];

for (const [name, kind, input, warnings] of rows) {
  test(`warnings: ${name}`, () => {
    const definition = definitionOf(kind);
    const object = decodeKind(kind, input);
    const before = definition.preparationWarnings?.(object) ?? [];
    definition.prepareForCreate?.(object, testTime);
    assert.deepEqual([...before, ...definition.warnings!(object, undefined)], warnings);
  });
}
