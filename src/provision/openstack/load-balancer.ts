// The API's load balancer on OpenStack: Octavia's, or a port that holds the virtual address which control planes pass among each other.

import { controlPlaneMachines, document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import { openstackTags } from "./network.ts";
import type { OpenstackInput } from "./provider.ts";

/** Watches are quiet for minutes; Octavia's own limit is 50 s. Milliseconds. */
const idleTimeout = 3_600_000;

export function openstackLoadBalancer(input: OpenstackInput): TofuDocument {
  return input.infrastructure.loadBalancer === "none" ? virtualAddress(input) : octavia(input);
}

function octavia({ cluster, infrastructure, apiPort }: OpenstackInput): TofuDocument {
  const { access, network } = infrastructure;
  const tags = openstackTags(cluster);
  return document("What stands in front of the API.", {
    resource: {
      openstack_lb_loadbalancer_v2: {
        api: {
          name: `${cluster}-api`,
          vip_subnet_id: "${openstack_networking_subnet_v2.machines.id}",
          tags,
          depends_on: ["openstack_networking_router_interface_v2.machines"],
        },
      },
      openstack_lb_listener_v2: {
        api: {
          name: `${cluster}-api`,
          loadbalancer_id: "${openstack_lb_loadbalancer_v2.api.id}",
          protocol: "TCP",
          protocol_port: apiPort,
          allowed_cidrs: network.private ? [network.cidr] : [...new Set([...access.api, network.cidr])],
          timeout_client_data: idleTimeout,
          timeout_member_data: idleTimeout,
          tags,
        },
      },
      openstack_lb_pool_v2: {
        api: {
          name: `${cluster}-api`,
          listener_id: "${openstack_lb_listener_v2.api.id}",
          protocol: "TCP",
          lb_method: "LEAST_CONNECTIONS",
          tags,
        },
      },
      openstack_lb_monitor_v2: {
        api: {
          name: `${cluster}-readyz`,
          pool_id: "${openstack_lb_pool_v2.api.id}",
          type: "HTTPS",
          url_path: "/readyz",
          http_method: "GET",
          expected_codes: "200",
          delay: 10,
          timeout: 5,
          max_retries: 2,
          max_retries_down: 2,
        },
      },
      openstack_lb_member_v2: {
        api: {
          for_each: controlPlaneMachines,
          name: "${each.key}",
          pool_id: "${openstack_lb_pool_v2.api.id}",
          address: "${openstack_networking_port_v2.machine[each.key].all_fixed_ips[0]}",
          protocol_port: apiPort,
          subnet_id: "${openstack_networking_subnet_v2.machines.id}",
        },
      },
      ...(!network.private && publicAddress(cluster, "${openstack_lb_loadbalancer_v2.api.vip_port_id}")),
    },
  });
}

/** The port keeps others from being given the address; the machines' ports let it through. */
function virtualAddress({ cluster, infrastructure, virtualAddress: address }: OpenstackInput): TofuDocument {
  const port = {
    name: `${cluster}-api`,
    network_id: "${openstack_networking_network_v2.cluster.id}",
    fixed_ip: [
      {
        subnet_id: "${openstack_networking_subnet_v2.machines.id}",
        ...(address !== undefined && { ip_address: address }),
      },
    ],
    security_group_ids: ["${openstack_networking_secgroup_v2.control_plane.id}"],
    tags: openstackTags(cluster),
  };
  return document("What the API is reached by: an address that one of the control planes always has.", {
    resource: {
      openstack_networking_port_v2: { api: port },
      ...(!infrastructure.network.private && publicAddress(cluster, "${openstack_networking_port_v2.api.id}")),
    },
  });
}

function publicAddress(cluster: string, port: string): NonNullable<TofuDocument["resource"]> {
  return {
    openstack_networking_floatingip_v2: {
      api: {
        pool: "${data.openstack_networking_network_v2.external.name}",
        port_id: port,
        tags: openstackTags(cluster),
        depends_on: ["openstack_networking_router_interface_v2.machines"],
      },
    },
  };
}
