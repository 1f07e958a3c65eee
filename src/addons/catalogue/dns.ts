// DNS in the cluster: the service pods ask, and the rights of the servers behind it, which run in the agent of every node.

import { nthAddress } from "#config";
import type { Addon } from "../addon.ts";

/** The tenth address of the services' range, where every pod's resolv.conf points. */
export function dnsAddress(serviceCIDR: string): string {
  return nthAddress(serviceCIDR, 10);
}

/** Whom the DNS servers act as. */
export const dnsUser = "system:coredns";

export const dns: Addon = {
  name: "dns",
  description: "names of services and pods, answered on every node",
  build({ config }) {
    const labels = { "k8s-app": "kube-dns" };
    return [
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: {
          namespace: "kube-system",
          name: "kube-dns",
          labels: { ...labels, "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS" },
          annotations: { "prometheus.io/port": "9153", "prometheus.io/scrape": "true" },
        },
        spec: {
          clusterIP: dnsAddress(config.network.serviceCIDR),
          // Each node answers its own pods; where it cannot, others do. Without a selector: the nodes' servers say where they are.
          trafficDistribution: "PreferSameNode",
          ports: [
            { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
            { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: 53 },
            { name: "metrics", port: 9153, protocol: "TCP", targetPort: 9153 },
          ],
        },
      },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: dnsUser },
        rules: [
          { apiGroups: [""], resources: ["services", "pods", "namespaces", "nodes"], verbs: ["get", "list", "watch"] },
          { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
        ],
      },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: dnsUser },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: dnsUser },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: dnsUser }],
      },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "Role",
        metadata: { namespace: "kube-system", name: dnsUser },
        rules: [
          { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["create", "update", "patch"] },
        ],
      },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        metadata: { namespace: "kube-system", name: dnsUser },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: dnsUser },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: dnsUser }],
      },
    ];
  },
};
