// What may do what on EKS: the control plane, the nodes, the disk driver by an identity of its pods; and an issuer that other roles
// can trust.

import { document } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument } from "../tofu/document.ts";
import type { EksInput } from "./provider.ts";

const managed = (name: string) => `arn:aws:iam::aws:policy/${name}`;

export function eksIdentity({ cluster, infrastructure: { region } }: EksInput): TofuDocument {
  const role = (name: string, trusted: string): TofuBlock => ({
    // Roles belong to the account, not to a region.
    name: `${cluster}-${name}-${region}`,
    assume_role_policy: `\${data.aws_iam_policy_document.${trusted}.json}`,
  });
  const attachment = (of: string, policy: string): TofuBlock => ({
    role: `\${aws_iam_role.${of}.name}`,
    policy_arn: managed(policy),
  });
  const trust = (service: string, actions: readonly string[] = ["sts:AssumeRole"]): TofuBlock => ({
    statement: [{ actions, principals: [{ type: "Service", identifiers: [service] }] }],
  });
  return document("What the control plane, nodes and the disk driver may do.", {
    data: {
      aws_iam_policy_document: {
        control_plane: trust("eks.amazonaws.com"),
        nodes: trust("ec2.amazonaws.com"),
        pods: trust("pods.eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"]),
      },
    },
    resource: {
      aws_iam_role: {
        control_plane: role("control-plane", "control_plane"),
        nodes: role("nodes", "nodes"),
        disks: role("disks", "pods"),
      },
      aws_iam_role_policy_attachment: {
        control_plane: attachment("control_plane", "AmazonEKSClusterPolicy"),
        nodes: attachment("nodes", "AmazonEKSWorkerNodePolicy"),
        nodes_images: attachment("nodes", "AmazonEC2ContainerRegistryPullOnly"),
        nodes_network: attachment("nodes", "AmazonEKS_CNI_Policy"),
        disks: attachment("disks", "service-role/AmazonEBSCSIDriverPolicy"),
      },
      aws_eks_pod_identity_association: {
        disks: {
          cluster_name: "${aws_eks_cluster.cluster.name}",
          namespace: "kube-system",
          service_account: "ebs-csi-controller-sa",
          role_arn: "${aws_iam_role.disks.arn}",
        },
      },
      aws_iam_openid_connect_provider: {
        cluster: {
          url: "${aws_eks_cluster.cluster.identity[0].oidc[0].issuer}",
          client_id_list: ["sts.amazonaws.com"],
        },
      },
    },
  });
}
