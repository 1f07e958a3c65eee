// The control plane that Amazon runs: who reaches it, how its secrets are encrypted, and what it installs itself.

import { document } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument } from "../tofu/document.ts";
import type { EksInput } from "./provider.ts";

export function eksControlPlane({ cluster, infrastructure, kubernetesVersion, serviceCIDR }: EksInput): TofuDocument {
  const { access, network } = infrastructure;
  const addon = (name: string, more: TofuBlock = {}): TofuBlock => ({
    cluster_name: "${aws_eks_cluster.cluster.name}",
    addon_name: name,
    resolve_conflicts_on_create: "OVERWRITE",
    resolve_conflicts_on_update: "OVERWRITE",
    ...more,
  });
  const withNodes = { depends_on: ["aws_eks_node_group.pool"] };
  return document("The control plane, and what Amazon keeps up to date in the cluster.", {
    resource: {
      aws_kms_key: {
        secrets: {
          description: `Secrets of cluster ${cluster}`,
          enable_key_rotation: true,
          deletion_window_in_days: 7,
        },
      },
      aws_eks_cluster: {
        cluster: {
          name: cluster,
          role_arn: "${aws_iam_role.control_plane.arn}",
          // Patches are Amazon's to choose.
          ...(kubernetesVersion !== undefined && { version: kubernetesVersion.split(".").slice(0, 2).join(".") }),
          // What the cluster holds of its own add-ons is declared below.
          bootstrap_self_managed_addons: false,
          vpc_config: {
            subnet_ids: "${values(local.subnets)}",
            endpoint_private_access: true,
            endpoint_public_access: !network.private,
            ...(!network.private && { public_access_cidrs: access.api }),
          },
          access_config: { authentication_mode: "API", bootstrap_cluster_creator_admin_permissions: true },
          kubernetes_network_config: { service_ipv4_cidr: serviceCIDR },
          encryption_config: { provider: { key_arn: "${aws_kms_key.secrets.arn}" }, resources: ["secrets"] },
          enabled_cluster_log_types: ["api", "audit", "authenticator"],
          depends_on: ["aws_iam_role_policy_attachment.control_plane"],
        },
      },
      aws_eks_addon: {
        pod_network: addon("vpc-cni"),
        proxy: addon("kube-proxy"),
        identities: addon("eks-pod-identity-agent"),
        dns: addon("coredns", withNodes),
        disks: addon("aws-ebs-csi-driver", {
          depends_on: ["aws_eks_node_group.pool", "aws_eks_pod_identity_association.disks"],
        }),
      },
    },
  });
}
