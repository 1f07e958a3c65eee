// The network on OpenStack: a network with one subnet, and a router as the way out.

import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import type { OpenstackInput } from "./provider.ts";

export function openstackNetwork({ cluster, infrastructure }: OpenstackInput): TofuDocument {
  const { network, externalNetwork, dnsServers } = infrastructure;
  const tags = openstackTags(cluster);
  return document("The network: one subnet, and the way out.", {
    data: { openstack_networking_network_v2: { external: { name: externalNetwork, external: true } } },
    resource: {
      openstack_networking_network_v2: { cluster: { name: cluster, admin_state_up: true, tags } },
      openstack_networking_subnet_v2: {
        machines: {
          name: `${cluster}-machines`,
          network_id: "${openstack_networking_network_v2.cluster.id}",
          cidr: network.cidr,
          ip_version: 4,
          ...(dnsServers.length > 0 && { dns_nameservers: dnsServers }),
          tags,
        },
      },
      openstack_networking_router_v2: {
        cluster: {
          name: cluster,
          admin_state_up: true,
          external_network_id: "${data.openstack_networking_network_v2.external.id}",
          tags,
        },
      },
      openstack_networking_router_interface_v2: {
        machines: {
          router_id: "${openstack_networking_router_v2.cluster.id}",
          subnet_id: "${openstack_networking_subnet_v2.machines.id}",
        },
      },
    },
  });
}

/** What things are labelled with. */
export function openstackTags(cluster: string): readonly string[] {
  return [`slipway.dev/cluster=${cluster}`];
}
