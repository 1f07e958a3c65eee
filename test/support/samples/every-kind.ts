// A sound object of every built-in kind that is kept, as small as may be: by "resource.group", without apiVersion and kind.

import { generateKeyPairSync } from "node:crypto";
import { makeRequest } from "../../../src/kubernetes/api/kinds/certificates/testing/make-request.ts";

type Sample = Readonly<Record<string, unknown>>;

const labels = { app: "x" };
const container = { name: "c", image: "i" };
const template = { metadata: { labels }, spec: { containers: [container] } };
const selector = { matchLabels: labels };
const never = { ...template, spec: { ...template.spec, restartPolicy: "Never" } };
const rule = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] };
const match = { resourceRules: [rule] };
const webhook = {
  name: "a.example.com",
  clientConfig: { url: "https://example.com" },
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
  failurePolicy: "Ignore",
  // Nothing is asked: nobody answers.
  rules: [{ ...rule, apiGroups: ["none.example.com"] }],
};
const devices = { requests: [{ name: "r", exactly: { deviceClassName: "c" } }] };
const reference = { kind: "Pod", namespace: "default", name: "p" };
const metric = { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } };
const scaled = { apiVersion: "apps/v1", kind: "Deployment", name: "d" };
const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
const request = Buffer.from(makeRequest("a", keys)).toString("base64");
const cluster = { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "g" };
const role = { apiGroup: "rbac.authorization.k8s.io", name: "r" };

/** Kinds whose names follow rules of their own. */
export const sampleNames: Readonly<Record<string, string>> = {
  "apiservices.apiregistration.k8s.io": "v1.sample.example.com",
  "customresourcedefinitions.apiextensions.k8s.io": "samples.example.com",
  "ipaddresses.networking.k8s.io": "10.96.0.77",
};

export const samples: Readonly<Record<string, Sample>> = {
  configmaps: { data: { a: "b" } },
  endpoints: { subsets: [{ addresses: [{ ip: "10.1.2.3" }], ports: [{ port: 80 }] }] },
  events: { involvedObject: reference, reason: "R", message: "m", type: "Normal" },
  limitranges: { spec: { limits: [{ type: "Pod", max: { cpu: "4" } }] } },
  namespaces: {},
  nodes: { spec: { podCIDR: "10.2.0.0/24" } },
  persistentvolumeclaims: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
  persistentvolumes: {
    spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, hostPath: { path: "/x" } },
  },
  pods: { spec: { containers: [container] } },
  podtemplates: { template },
  replicationcontrollers: { spec: { replicas: 0, selector: labels, template } },
  resourcequotas: { spec: { hard: { pods: "1000" } } },
  secrets: { data: { a: "Yg==" } },
  serviceaccounts: {},
  services: { spec: { selector: labels, ports: [{ port: 80 }] } },
  "apiservices.apiregistration.k8s.io": {
    spec: { group: "sample.example.com", version: "v1", groupPriorityMinimum: 1, versionPriority: 1 },
  },
  "controllerrevisions.apps": { revision: 1, data: { a: 1 } },
  "daemonsets.apps": { spec: { selector, template } },
  "deployments.apps": { spec: { replicas: 0, selector, template } },
  "replicasets.apps": { spec: { replicas: 0, selector, template } },
  "statefulsets.apps": { spec: { replicas: 0, selector, template, serviceName: "s" } },
  "events.events.k8s.io": {
    regarding: reference,
    reason: "R",
    action: "A",
    type: "Normal",
    eventTime: "2026-01-02T03:04:05.000006Z",
    reportingController: "example.com/c",
    reportingInstance: "i",
  },
  "horizontalpodautoscalers.autoscaling": { spec: { scaleTargetRef: scaled, maxReplicas: 2, metrics: [metric] } },
  "cronjobs.batch": { spec: { schedule: "@daily", jobTemplate: { spec: { template: never } } } },
  "jobs.batch": { spec: { template: never, suspend: true } },
  "certificatesigningrequests.certificates.k8s.io": {
    spec: { request, signerName: "example.com/s", usages: ["client auth"] },
  },
  "ingressclasses.networking.k8s.io": { spec: { controller: "example.com/c" } },
  "ingresses.networking.k8s.io": { spec: { defaultBackend: { service: { name: "s", port: { number: 80 } } } } },
  "ipaddresses.networking.k8s.io": { spec: { parentRef: { resource: "services", namespace: "default", name: "s" } } },
  "networkpolicies.networking.k8s.io": { spec: { podSelector: {} } },
  "servicecidrs.networking.k8s.io": { spec: { cidrs: ["10.200.0.0/24"] } },
  "poddisruptionbudgets.policy": { spec: { selector, minAvailable: 1 } },
  "clusterrolebindings.rbac.authorization.k8s.io": { roleRef: { ...role, kind: "ClusterRole" }, subjects: [cluster] },
  "clusterroles.rbac.authorization.k8s.io": { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] },
  "rolebindings.rbac.authorization.k8s.io": { roleRef: { ...role, kind: "Role" }, subjects: [cluster] },
  "roles.rbac.authorization.k8s.io": { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] },
  "csidrivers.storage.k8s.io": { spec: {} },
  "csinodes.storage.k8s.io": { spec: { drivers: [] } },
  "csistoragecapacities.storage.k8s.io": { storageClassName: "s", capacity: "1Gi" },
  "storageclasses.storage.k8s.io": { provisioner: "example.com/p" },
  "volumeattachments.storage.k8s.io": {
    spec: { attacher: "example.com", nodeName: "n", source: { persistentVolumeName: "v" } },
  },
  "volumeattributesclasses.storage.k8s.io": { driverName: "example.com", parameters: { a: "b" } },
  "mutatingadmissionpolicies.admissionregistration.k8s.io": {
    spec: {
      matchConstraints: match,
      reinvocationPolicy: "Never",
      mutations: [
        { patchType: "JSONPatch", jsonPatch: { expression: `[JSONPatch{op: "remove", path: "/metadata/labels/x"}]` } },
      ],
    },
  },
  "mutatingadmissionpolicybindings.admissionregistration.k8s.io": { spec: { policyName: "p" } },
  "mutatingwebhookconfigurations.admissionregistration.k8s.io": { webhooks: [webhook] },
  "validatingadmissionpolicies.admissionregistration.k8s.io": {
    spec: { matchConstraints: match, validations: [{ expression: "true" }] },
  },
  "validatingadmissionpolicybindings.admissionregistration.k8s.io": {
    spec: { policyName: "p", validationActions: ["Deny"] },
  },
  "validatingwebhookconfigurations.admissionregistration.k8s.io": { webhooks: [webhook] },
  "customresourcedefinitions.apiextensions.k8s.io": {
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "samples", kind: "Sample" },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
    },
  },
  "priorityclasses.scheduling.k8s.io": { value: 7 },
  "leases.coordination.k8s.io": { spec: { holderIdentity: "h", renewTime: "2026-01-02T03:04:05.000006Z" } },
  "runtimeclasses.node.k8s.io": { handler: "h" },
  "endpointslices.discovery.k8s.io": { addressType: "IPv4", endpoints: [{ addresses: ["10.1.2.3"] }] },
  "deviceclasses.resource.k8s.io": { spec: {} },
  "resourceclaims.resource.k8s.io": { spec: { devices } },
  "resourceclaimtemplates.resource.k8s.io": { spec: { spec: { devices } } },
  "resourceslices.resource.k8s.io": {
    spec: {
      driver: "example.com",
      nodeName: "n",
      pool: { name: "p", resourceSliceCount: 1 },
      devices: [{ name: "d" }],
    },
  },
  "flowschemas.flowcontrol.apiserver.k8s.io": { spec: { priorityLevelConfiguration: { name: "l" } } },
  "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": {
    spec: { type: "Limited", limited: { limitResponse: { type: "Reject" } } },
  },
};
