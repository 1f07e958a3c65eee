// metrics-server: what nodes and pods use now, for `kubectl top` and autoscalers. Written here, as upstream's release file is made when
// it releases; the image is upstream's.

import { z } from "zod";
import { defineAddon } from "../addon.ts";

const name = "metrics-server";
const namespace = "kube-system";
const labels = { "k8s-app": name };
const rbac = "rbac.authorization.k8s.io";
const image = (version: string) => `registry.k8s.io/metrics-server/metrics-server:v${version}`;

const values = z.strictObject({
  replicas: z.int().min(1).max(5).default(1).describe("How many of it run."),
  kubeletInsecureTLS: z
    .boolean()
    .default(false)
    .describe("Whether kubelets' certificates are believed unseen: where they sign their own, as kubeadm's do."),
  resolution: z
    .string()
    .regex(/^\d+s$/, "must be seconds such as 15s")
    .default("15s")
    .describe("How often it asks nodes."),
});

export const metricsServer = defineAddon({
  name,
  description: "use of CPU and memory, for kubectl top and autoscalers",
  namespace,
  releases: ["0.9.0", "0.8.1"].map((version) => ({ version, images: [image(version)] })),
  values,
  build(_input, { release, values: { replicas, kubeletInsecureTLS, resolution } }) {
    const account = { kind: "ServiceAccount", namespace, name };
    const role = (kind: string, which: string) => ({ apiGroup: rbac, kind, name: which });
    return [
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name, labels } },
      {
        apiVersion: `${rbac}/v1`,
        kind: "ClusterRole",
        metadata: {
          name: "system:aggregated-metrics-reader",
          labels: Object.fromEntries(["view", "edit", "admin"].map((each) => [`${rbac}/aggregate-to-${each}`, "true"])),
        },
        rules: [{ apiGroups: ["metrics.k8s.io"], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] }],
      },
      {
        apiVersion: `${rbac}/v1`,
        kind: "ClusterRole",
        metadata: { name: `system:${name}`, labels },
        rules: [
          { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
          { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
        ],
      },
      {
        apiVersion: `${rbac}/v1`,
        kind: "ClusterRoleBinding",
        metadata: { name: `system:${name}`, labels },
        roleRef: role("ClusterRole", `system:${name}`),
        subjects: [account],
      },
      {
        apiVersion: `${rbac}/v1`,
        kind: "ClusterRoleBinding",
        metadata: { name: `${name}:system:auth-delegator`, labels },
        roleRef: role("ClusterRole", "system:auth-delegator"),
        subjects: [account],
      },
      {
        apiVersion: `${rbac}/v1`,
        kind: "RoleBinding",
        metadata: { namespace, name: `${name}-auth-reader`, labels },
        roleRef: role("Role", "extension-apiserver-authentication-reader"),
        subjects: [account],
      },
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { namespace, name, labels },
        spec: { selector: labels, ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: "https" }] },
      },
      createDeployment(replicas, {
        name,
        image: image(release!.version),
        args: [
          "--cert-dir=/tmp",
          "--secure-port=10250",
          "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
          "--kubelet-use-node-status-port",
          `--metric-resolution=${resolution}`,
          ...(kubeletInsecureTLS ? ["--kubelet-insecure-tls"] : []),
        ],
        ports: [{ name: "https", containerPort: 10250, protocol: "TCP" }],
        resources: { requests: { cpu: "100m", memory: "200Mi" } },
        readinessProbe: { httpGet: { path: "/readyz", port: "https", scheme: "HTTPS" }, initialDelaySeconds: 20 },
        livenessProbe: { httpGet: { path: "/livez", port: "https", scheme: "HTTPS" }, periodSeconds: 10 },
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          runAsUser: 1000,
          seccompProfile: { type: "RuntimeDefault" },
        },
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
      }),
      {
        apiVersion: "apiregistration.k8s.io/v1",
        kind: "APIService",
        metadata: { name: "v1beta1.metrics.k8s.io", labels },
        spec: {
          group: "metrics.k8s.io",
          version: "v1beta1",
          service: { namespace, name },
          // It signs its own certificate, anew at each start.
          insecureSkipTLSVerify: true,
          groupPriorityMinimum: 100,
          versionPriority: 100,
        },
      },
    ];
  },
});

function createDeployment(replicas: number, container: object) {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace, name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      strategy: { rollingUpdate: { maxUnavailable: 0 } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          priorityClassName: "system-cluster-critical",
          nodeSelector: { "kubernetes.io/os": "linux" },
          containers: [container],
          volumes: [{ name: "tmp", emptyDir: {} }],
        },
      },
    },
  };
}
