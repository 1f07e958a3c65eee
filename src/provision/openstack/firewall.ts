// Who may reach what on OpenStack: machines each other, the load balancer and the network the API, people what they are let.

import { document } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument } from "../tofu/document.ts";
import { openstackTags } from "./network.ts";
import type { OpenstackInput } from "./provider.ts";

export function openstackFirewall({ cluster, infrastructure, podCIDR, apiPort }: OpenstackInput): TofuDocument {
  const { access, network, loadBalancer } = infrastructure;
  const group = (name: string, description: string): TofuBlock => ({
    name: `${cluster}-${name}`,
    description,
    delete_default_rules: true,
    tags: openstackTags(cluster),
  });
  const machines = "${openstack_networking_secgroup_v2.machines.id}";
  const controlPlane = "${openstack_networking_secgroup_v2.control_plane.id}";
  const rule = (to: string, more: TofuBlock, direction = "ingress"): TofuBlock => ({
    security_group_id: to,
    direction,
    ethertype: "IPv4",
    ...more,
  });
  const tcp = (port: number) => ({ protocol: "tcp", port_range_min: port, port_range_max: port });
  const each = (name: string, ranges: readonly string[], to: string, port: number) =>
    Object.fromEntries(
      ranges.map((range, index) => [`${name}_${index + 1}`, rule(to, { ...tcp(port), remote_ip_prefix: range })]),
    );
  return document("Who may reach what: security groups and their rules. What no rule lets in stays out.", {
    resource: {
      openstack_networking_secgroup_v2: {
        machines: group("machines", "Machines of the cluster"),
        control_plane: group("control-plane", "Control plane machines"),
      },
      openstack_networking_secgroup_rule_v2: {
        machines_from_machines: rule(machines, { remote_group_id: machines }),
        machines_from_pods: rule(machines, { remote_ip_prefix: podCIDR }),
        machines_to_all: rule(machines, { remote_ip_prefix: "0.0.0.0/0" }, "egress"),
        // The load balancer asks from an address of the machines' own subnet.
        api_from_network: rule(controlPlane, { ...tcp(apiPort), remote_ip_prefix: network.cidr }),
        ...(loadBalancer === "none" && !network.private && each("api", access.api, controlPlane, apiPort)),
        ...each("ssh", access.ssh, machines, 22),
      },
    },
  });
}
