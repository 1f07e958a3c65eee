// The API's load balancers on AWS: network load balancers in front of all control plane machines.

import { apiAccess, controlPlaneMachines, document, fitName } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument } from "../tofu/document.ts";
import type { AwsInput } from "./provider.ts";

/** What AWS takes for the name of a load balancer or a target group. */
const longestName = 32;

export function awsLoadBalancer({ cluster, infrastructure, apiPort }: AwsInput): TofuDocument {
  const kinds = apiAccess(infrastructure);
  const each = (make: (kind: "public" | "internal") => TofuBlock) =>
    Object.fromEntries(kinds.map((kind) => [`api_${kind}`, make(kind)]));
  const name = (kind: string) => fitName(`${cluster}-api-${kind}`, longestName);
  // Internal ones lie where the machines do.
  const subnets = (kind: "public" | "internal") =>
    kind === "public"
      ? infrastructure.zones.map((zone) => `\${aws_subnet.public_${zone}.id}`)
      : "${values(local.subnets)}";
  return document("What stands in front of the API.", {
    resource: {
      aws_lb: each((kind) => ({
        name: name(kind),
        load_balancer_type: "network",
        internal: kind === "internal",
        subnets: subnets(kind),
        security_groups: ["${aws_security_group.api.id}"],
        enable_cross_zone_load_balancing: true,
      })),
      aws_lb_target_group: each((kind) => ({
        name: name(kind),
        port: apiPort,
        protocol: "TCP",
        vpc_id: "${aws_vpc.cluster.id}",
        // With the client's own address a control plane could not reach itself through the load balancer.
        preserve_client_ip: "false",
        deregistration_delay: "30",
        health_check: {
          protocol: "HTTPS",
          path: "/readyz",
          interval: 10,
          healthy_threshold: 2,
          unhealthy_threshold: 2,
        },
      })),
      aws_lb_listener: each((kind) => ({
        load_balancer_arn: `\${aws_lb.api_${kind}.arn}`,
        port: apiPort,
        protocol: "TCP",
        default_action: { type: "forward", target_group_arn: `\${aws_lb_target_group.api_${kind}.arn}` },
      })),
      aws_lb_target_group_attachment: each((kind) => ({
        for_each: controlPlaneMachines,
        target_group_arn: `\${aws_lb_target_group.api_${kind}.arn}`,
        target_id: "${aws_instance.machine[each.key].id}",
      })),
    },
  });
}
