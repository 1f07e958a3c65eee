// What machines that join may do: with a bootstrap token, ask for an identity; as a node, renew it and get those of what runs beside the
// kubelet. Names are kubeadm's where it has them.

import type { Addon } from "../addon.ts";
import { bootstrapGroup } from "../bootstrap-token.ts";
import { machineNotesName } from "../machine-notes.ts";

const rbac = "rbac.authorization.k8s.io";
const agentClientRole = "slipway:agent-client";

/** The controller that approves and signs has, as upstream's, no right to more signers than upstream's, nor to our notes. */
const approver = { kind: "ServiceAccount", namespace: "kube-system", name: "certificate-controller" };
const approverRole = "slipway:node-certificates";
const agentSigner = "slipway.dev/agent-client";

const approverRights = [
  {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRole",
    metadata: { name: approverRole },
    rules: [
      {
        apiGroups: ["certificates.k8s.io"],
        resources: ["signers"],
        resourceNames: ["kubernetes.io/kubelet-serving", agentSigner],
        verbs: ["approve"],
      },
      { apiGroups: ["certificates.k8s.io"], resources: ["signers"], resourceNames: [agentSigner], verbs: ["sign"] },
    ],
  },
  {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: approverRole },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: approverRole },
    subjects: [approver],
  },
  {
    apiVersion: `${rbac}/v1`,
    kind: "Role",
    metadata: { namespace: machineNotesName.namespace, name: approverRole },
    rules: [{ apiGroups: [""], resources: ["configmaps"], resourceNames: [machineNotesName.name], verbs: ["get"] }],
  },
  {
    apiVersion: `${rbac}/v1`,
    kind: "RoleBinding",
    metadata: { namespace: machineNotesName.namespace, name: approverRole },
    roleRef: { apiGroup: rbac, kind: "Role", name: approverRole },
    subjects: [approver],
  },
];

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
    ...approverRights,
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
