// What anybody may know of the cluster: where its API server is and which authority signs for it. kubeadm's and `kubectl cluster-info`'s
// place for it, readable without an identity, so that a machine that wants to join can check whom it speaks to.

import type { Addon } from "../addon.ts";

export const clusterInfo: Addon = {
  name: "cluster-info",
  description: "where the API server is, for machines that want to join",
  // kubeadm makes its own, by the same names.
  always: ({ distribution }) => distribution.type === "slipway",
  build({ server, authority }) {
    const kubeconfig = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        { name: "", cluster: { server, "certificate-authority-data": Buffer.from(authority).toString("base64") } },
      ],
      contexts: [],
      users: [],
      "current-context": "",
    };
    const name = "slipway:cluster-info";
    return [
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { namespace: "kube-public", name: "cluster-info" },
        data: { kubeconfig: `${JSON.stringify(kubeconfig, null, 2)}\n` },
      },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "Role",
        metadata: { namespace: "kube-public", name },
        rules: [{ apiGroups: [""], resources: ["configmaps"], resourceNames: ["cluster-info"], verbs: ["get"] }],
      },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        metadata: { namespace: "kube-public", name },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "system:anonymous" }],
      },
    ];
  },
};
