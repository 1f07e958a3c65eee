// Who may reach what on AWS: machines each other, the load balancer the API, people what the configuration lets them.

import { document } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument } from "../tofu/document.ts";
import type { AwsInput } from "./provider.ts";

export function awsFirewall({ cluster, infrastructure, podCIDR, apiPort }: AwsInput): TofuDocument {
  const { access, network } = infrastructure;
  const group = (name: string, description: string, tags: TofuBlock = {}): TofuBlock => ({
    name: `${cluster}-${name}`,
    description,
    vpc_id: "${aws_vpc.cluster.id}",
    tags: { Name: `${cluster}-${name}`, ...tags },
  });
  const tcp = (port: number) => ({ ip_protocol: "tcp", from_port: port, to_port: port });
  const each = (name: string, ranges: readonly string[], rule: TofuBlock) =>
    Object.fromEntries(ranges.map((range, index) => [`${name}_${index + 1}`, { ...rule, cidr_ipv4: range }]));
  const machines = "${aws_security_group.machines.id}";
  const api = "${aws_security_group.api.id}";
  return document("Who may reach what: security groups and their rules.", {
    resource: {
      aws_security_group: {
        // Cloud controllers open this group, and only this one, for their load balancers.
        machines: group("machines", "Machines of the cluster", { [`kubernetes.io/cluster/${cluster}`]: "owned" }),
        api: group("api", "Load balancer of the API"),
      },
      aws_vpc_security_group_ingress_rule: {
        machines_from_machines: {
          security_group_id: machines,
          ip_protocol: "-1",
          referenced_security_group_id: machines,
        },
        machines_from_pods: { security_group_id: machines, ip_protocol: "-1", cidr_ipv4: podCIDR },
        machines_from_api: { security_group_id: machines, ...tcp(apiPort), referenced_security_group_id: api },
        ...each("machines_ssh", access.ssh, { security_group_id: machines, ...tcp(22) }),
        api_from_network: { security_group_id: api, ...tcp(apiPort), cidr_ipv4: network.cidr },
        ...each("api", access.api, { security_group_id: api, ...tcp(apiPort) }),
      },
      aws_vpc_security_group_egress_rule: {
        machines_to_all: { security_group_id: machines, ip_protocol: "-1", cidr_ipv4: "0.0.0.0/0" },
        api_to_machines: { security_group_id: api, ...tcp(apiPort), referenced_security_group_id: machines },
      },
    },
  });
}
