// Node groups on EKS: one for each entry of local.pools, with a launch template for what a group cannot say.

import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import { poolsLocal } from "../tofu/managed.ts";
import type { EksInput } from "./provider.ts";

const effects = { NoSchedule: "NO_SCHEDULE", PreferNoSchedule: "PREFER_NO_SCHEDULE", NoExecute: "NO_EXECUTE" } as const;

export function eksNodes(input: EksInput): TofuDocument {
  const { cluster } = input;
  const pools = poolsLocal(input, ({ taints }) => ({
    taints: taints.map(({ key, value, effect }) => ({ key, value, effect: effects[effect] })),
  }));
  return document("The pools of nodes.", {
    locals: { pools },
    resource: {
      aws_launch_template: {
        pool: {
          for_each: "${local.pools}",
          name: `${cluster}-\${each.key}`,
          block_device_mappings: [
            {
              device_name: "/dev/xvda",
              ebs: [
                {
                  volume_size: "${each.value.disk_gb}",
                  volume_type: "gp3",
                  encrypted: "true",
                  delete_on_termination: "true",
                },
              ],
            },
          ],
          // Pods cannot ask who the node is; they have identities of their own.
          metadata_options: { http_endpoint: "enabled", http_tokens: "required", http_put_response_hop_limit: 1 },
          tag_specifications: [{ resource_type: "instance", tags: { Name: `${cluster}-\${each.key}` } }],
        },
      },
      aws_eks_node_group: {
        pool: {
          for_each: "${local.pools}",
          cluster_name: "${aws_eks_cluster.cluster.name}",
          node_group_name: "${each.key}",
          node_role_arn: "${aws_iam_role.nodes.arn}",
          subnet_ids: "${[for zone in each.value.zones : local.subnets[zone]]}",
          instance_types: ["${each.value.type}"],
          capacity_type: `\${each.value.spot ? "SPOT" : "ON_DEMAND"}`,
          // A group of none still has a most of one.
          scaling_config: {
            desired_size: "${each.value.count}",
            min_size: 0,
            max_size: "${max(each.value.count, 1)}",
          },
          update_config: { max_unavailable: 1 },
          launch_template: {
            id: "${aws_launch_template.pool[each.key].id}",
            version: "${aws_launch_template.pool[each.key].latest_version}",
          },
          labels: "${each.value.labels}",
          dynamic: {
            taint: {
              for_each: "${each.value.taints}",
              content: { key: "${taint.value.key}", value: "${taint.value.value}", effect: "${taint.value.effect}" },
            },
          },
          depends_on: [
            "aws_eks_addon.pod_network",
            "aws_iam_role_policy_attachment.nodes",
            "aws_iam_role_policy_attachment.nodes_images",
            "aws_iam_role_policy_attachment.nodes_network",
          ],
        },
      },
    },
  });
}
