// The log aggregator: Fluent Bit on every node reads what its containers write, adds whose it is, and sends it to one place. Written
// here; the image is upstream's.

import { z } from "zod";
import { defineAddon } from "../addon.ts";
import { refuseSharedHost } from "./refuse.ts";

const name = "fluent-bit";
const namespace = "logging";
const labels = { "app.kubernetes.io/name": name };
const rbac = "rbac.authorization.k8s.io";
const image = (version: string) => `cr.fluentbit.io/fluent/fluent-bit:${version}`;

const values = z.strictObject({
  output: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .default({ name: "stdout" })
    .describe("Where lines go: a section of Fluent Bit's outputs. Default: its own log."),
});

export const logs = defineAddon({
  name: "logs",
  description: "log aggregator: every container's lines to one place (Fluent Bit)",
  namespace,
  // Containers' lines do not lie in /var/log there, and the agents would share one file of positions.
  refuse: refuseSharedHost("logs", "read them with `kubectl logs`"),
  releases: ["4.0.3", "3.2.10"].map((version) => ({ version, images: [image(version)] })),
  values,
  build(_input, { release, values: { output } }) {
    return [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } },
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name, labels } },
      {
        apiVersion: `${rbac}/v1`,
        kind: "ClusterRole",
        metadata: { name: `slipway:${name}`, labels },
        rules: [{ apiGroups: [""], resources: ["namespaces", "pods"], verbs: ["get", "list", "watch"] }],
      },
      {
        apiVersion: `${rbac}/v1`,
        kind: "ClusterRoleBinding",
        metadata: { name: `slipway:${name}`, labels },
        roleRef: { apiGroup: rbac, kind: "ClusterRole", name: `slipway:${name}` },
        subjects: [{ kind: "ServiceAccount", namespace, name }],
      },
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { namespace, name, labels },
        data: { "fluent-bit.yaml": JSON.stringify(settingsFor(output), null, 2) },
      },
      createDaemonSet(image(release!.version)),
    ];
  },
});

/** JSON is YAML, and that is how Fluent Bit takes its settings. */
function settingsFor(output: Readonly<Record<string, unknown>>): object {
  return {
    // Without health_check there is no /api/v1/health.
    service: { flush: 1, log_level: "info", http_server: true, http_port: 2020, health_check: true },
    pipeline: {
      inputs: [
        {
          name: "tail",
          path: "/var/log/containers/*.log",
          // Its own lines would come back to it.
          exclude_path: `/var/log/containers/${name}-*.log`,
          "multiline.parser": "cri",
          tag: "kube.*",
          db: "/var/lib/fluent-bit/positions.db",
          mem_buf_limit: "16MB",
          skip_long_lines: true,
        },
      ],
      filters: [{ name: "kubernetes", match: "kube.*", merge_log: true, keep_log: false }],
      outputs: [{ match: "*", ...output }],
    },
  };
}

function createDaemonSet(fluentBit: string) {
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { namespace, name, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          priorityClassName: "system-node-critical",
          nodeSelector: { "kubernetes.io/os": "linux" },
          tolerations: [{ operator: "Exists" }],
          containers: [
            {
              name,
              image: fluentBit,
              args: ["--config=/etc/fluent-bit/fluent-bit.yaml"],
              ports: [{ name: "http", containerPort: 2020, protocol: "TCP" }],
              readinessProbe: { httpGet: { path: "/api/v1/health", port: "http" } },
              resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } },
              volumeMounts: [
                { name: "settings", mountPath: "/etc/fluent-bit", readOnly: true },
                { name: "logs", mountPath: "/var/log", readOnly: true },
                { name: "positions", mountPath: "/var/lib/fluent-bit" },
              ],
            },
          ],
          volumes: [
            { name: "settings", configMap: { name } },
            { name: "logs", hostPath: { path: "/var/log" } },
            { name: "positions", hostPath: { path: "/var/lib/fluent-bit", type: "DirectoryOrCreate" } },
          ],
        },
      },
    },
  };
}
