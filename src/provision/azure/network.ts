// The network on Azure: a resource group that everything lies in, a virtual network with one subnet over all zones; for a private
// cluster a NAT gateway as the way out.

import { document } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument } from "../tofu/document.ts";
import type { AzureInput } from "./provider.ts";

/** Where everything is made. */
export const inGroup: TofuBlock = {
  resource_group_name: "${azurerm_resource_group.cluster.name}",
  location: "${azurerm_resource_group.cluster.location}",
};

/** What every thing that can be labelled is labelled with. */
export function azureTags(cluster: string): TofuBlock {
  return { "slipway.dev_cluster": cluster };
}

export function azureNetwork({ cluster, infrastructure: { network, region, zones } }: AzureInput): TofuDocument {
  const tags = azureTags(cluster);
  return document("The network: one subnet over all zones, and the ways out.", {
    resource: {
      azurerm_resource_group: { cluster: { name: cluster, location: region, tags } },
      azurerm_virtual_network: { cluster: { name: cluster, ...inGroup, address_space: [network.cidr], tags } },
      azurerm_subnet: {
        machines: {
          name: "machines",
          resource_group_name: inGroup["resource_group_name"],
          virtual_network_name: "${azurerm_virtual_network.cluster.name}",
          address_prefixes: [network.cidr],
          // Machines go out by their own address or by the NAT gateway, never by one that Azure lends.
          default_outbound_access_enabled: false,
        },
      },
      ...(network.private && azureNat(cluster, zones[0]!)),
    },
  });
}

/** A NAT gateway belongs to a zone, and a subnet has one: where the zone fails, machines cannot go out until it is back. */
function azureNat(cluster: string, zone: string): Readonly<Record<string, Readonly<Record<string, TofuBlock>>>> {
  const tags = azureTags(cluster);
  return {
    azurerm_public_ip: {
      nat: { name: `${cluster}-nat`, ...inGroup, allocation_method: "Static", sku: "Standard", zones: [zone], tags },
    },
    azurerm_nat_gateway: {
      cluster: { name: cluster, ...inGroup, sku_name: "Standard", zones: [zone], tags },
    },
    azurerm_nat_gateway_public_ip_association: {
      cluster: {
        nat_gateway_id: "${azurerm_nat_gateway.cluster.id}",
        public_ip_address_id: "${azurerm_public_ip.nat.id}",
      },
    },
    azurerm_subnet_nat_gateway_association: {
      machines: {
        subnet_id: "${azurerm_subnet.machines.id}",
        nat_gateway_id: "${azurerm_nat_gateway.cluster.id}",
      },
    },
  };
}
