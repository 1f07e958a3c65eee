// What machines may do on AWS: the control plane what cloud controllers and the CSI driver need, workers what a node needs.

import { document } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument } from "../tofu/document.ts";
import type { AwsInput } from "./provider.ts";

/** What the AWS cloud controller manager asks for, by what it does (its documentation's "prerequisites"). */
const controllerActions: Readonly<Record<string, readonly string[]>> = {
  look: [
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribeTags",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInstanceTopology",
    "ec2:DescribeInstances",
    "ec2:DescribeRegions",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVolumes",
    "ec2:DescribeVpcs",
    "elasticloadbalancing:Describe*",
    "kms:DescribeKey",
  ],
  network: [
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateRoute",
    "ec2:CreateSecurityGroup",
    "ec2:CreateTags",
    "ec2:DeleteRoute",
    "ec2:DeleteSecurityGroup",
    "ec2:ModifyInstanceAttribute",
    "ec2:RevokeSecurityGroupIngress",
  ],
  loadBalancers: [
    "elasticloadbalancing:AddTags",
    "elasticloadbalancing:ApplySecurityGroupsToLoadBalancer",
    "elasticloadbalancing:AttachLoadBalancerToSubnets",
    "elasticloadbalancing:ConfigureHealthCheck",
    "elasticloadbalancing:CreateListener",
    "elasticloadbalancing:CreateLoadBalancer",
    "elasticloadbalancing:CreateLoadBalancerListeners",
    "elasticloadbalancing:CreateLoadBalancerPolicy",
    "elasticloadbalancing:CreateTargetGroup",
    "elasticloadbalancing:DeleteListener",
    "elasticloadbalancing:DeleteLoadBalancer",
    "elasticloadbalancing:DeleteLoadBalancerListeners",
    "elasticloadbalancing:DeleteTargetGroup",
    "elasticloadbalancing:DeregisterInstancesFromLoadBalancer",
    "elasticloadbalancing:DeregisterTargets",
    "elasticloadbalancing:DetachLoadBalancerFromSubnets",
    "elasticloadbalancing:ModifyListener",
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
    "elasticloadbalancing:ModifyTargetGroup",
    "elasticloadbalancing:RegisterInstancesWithLoadBalancer",
    "elasticloadbalancing:RegisterTargets",
    "elasticloadbalancing:SetLoadBalancerPoliciesForBackendServer",
    "elasticloadbalancing:SetLoadBalancerPoliciesOfListener",
  ],
};

const nodeActions = ["ec2:DescribeInstances", "ec2:DescribeRegions"];
const diskPolicy = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy";
const imagesPolicy = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly";

export function awsIdentity({ cluster, infrastructure: { region } }: AwsInput): TofuDocument {
  // Roles belong to the account, not to a region.
  const name = (role: string) => `${cluster}-${role}-${region}`;
  const role = (of: string): TofuBlock => ({
    name: name(of),
    assume_role_policy: "${data.aws_iam_policy_document.machines.json}",
  });
  const rolePolicy = (of: string): TofuBlock => ({
    name: "kubernetes",
    role: `\${aws_iam_role.${of}.id}`,
    policy: `\${data.aws_iam_policy_document.${of}.json}`,
  });
  const attachment = (of: string, policy: string): TofuBlock => ({
    role: `\${aws_iam_role.${of}.name}`,
    policy_arn: policy,
  });
  const allow = (actions: readonly string[]): TofuBlock => ({ effect: "Allow", actions, resources: ["*"] });
  return document("What machines may do: cloud controllers and the disk driver run on control planes.", {
    data: {
      aws_iam_policy_document: {
        machines: {
          statement: [
            { actions: ["sts:AssumeRole"], principals: [{ type: "Service", identifiers: ["ec2.amazonaws.com"] }] },
          ],
        },
        control_plane: { statement: Object.values(controllerActions).map(allow) },
        worker: { statement: [allow(nodeActions)] },
      },
    },
    resource: {
      aws_iam_role: { control_plane: role("control-plane"), worker: role("worker") },
      aws_iam_role_policy: { control_plane: rolePolicy("control_plane"), worker: rolePolicy("worker") },
      aws_iam_role_policy_attachment: {
        control_plane_disks: attachment("control_plane", diskPolicy),
        control_plane_images: attachment("control_plane", imagesPolicy),
        worker_images: attachment("worker", imagesPolicy),
      },
      aws_iam_instance_profile: {
        control_plane: { name: name("control-plane"), role: "${aws_iam_role.control_plane.name}" },
        worker: { name: name("worker"), role: "${aws_iam_role.worker.name}" },
      },
    },
  });
}
