// What machines that join may do: with a bootstrap token, ask for an identity; as a node, renew it and get those of what runs beside the
// kubelet. Names are kubeadm's where it has them.

import type { Addon } from "../addon.ts";
import { bootstrapGroup } from "../bootstrap-token.ts";

const rbac = "rbac.authorization.k8s.io";
const agentClientRole = "slipway:agent-client";

export const nodeBootstrap: Addon = {
  name: "node-bootstrap",
  description: "what lets machines join by bootstrap tokens",
  always: ({ distribution, infrastructure }) => distribution.type === "slipway" && infrastructure.provider !== "local",
  build: () => [
    bind("kubeadm:kubelet-bootstrap", "system:node-bootstrapper", bootstrapGroup),
    bind(
      "kubeadm:node-autoapprove-bootstrap",
      "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
      bootstrapGroup,
    ),
    bind(
      "kubeadm:node-autoapprove-certificate-rotation",
      "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
      "system:nodes",
    ),
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRole",
      metadata: { name: agentClientRole },
      rules: [
        {
          apiGroups: ["certificates.k8s.io"],
          resources: ["certificatesigningrequests/agentclient"],
          verbs: ["create"],
        },
      ],
    },
    bind(agentClientRole, agentClientRole, "system:nodes"),
  ],
};

function bind(name: string, role: string, group: string) {
  return {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: role },
    subjects: [{ apiGroup: rbac, kind: "Group", name: group }],
  };
}
