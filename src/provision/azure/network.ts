// The network on Azure: a resource group that everything lies in, a virtual network with one subnet over all zones; for a private
// cluster a NAT gateway as the way out.

import { document } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument, TofuResources } from "../tofu/document.ts";
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

/** What of a cluster its network depends on: also AKS has one. */
export interface AzureNetworkInput {
  readonly cluster: string;
  readonly infrastructure: { readonly region: string; readonly network: { readonly cidr: string } };
}

export function azureNetwork(input: AzureInput): TofuDocument {
  const { network, zones } = input.infrastructure;
  // Machines go out by their own address or by the NAT gateway, never by one that Azure lends.
  const subnet = { default_outbound_access_enabled: false };
  return document("The network: one subnet over all zones, and the ways out.", {
    resource: {
      ...groupAndNetwork(input, subnet),
      ...(network.private && azureNat(input.cluster, zones[0]!)),
    },
  });
}

/** The resource group, and in it a network with its only subnet, in which machines lie; `subnet` is what else that one has. */
export function groupAndNetwork(
  { cluster, infrastructure: { network, region } }: AzureNetworkInput,
  subnet: TofuBlock = {},
): TofuResources {
  const tags = azureTags(cluster);
  return {
    azurerm_resource_group: { cluster: { name: cluster, location: region, tags } },
    azurerm_virtual_network: { cluster: { name: cluster, ...inGroup, address_space: [network.cidr], tags } },
    azurerm_subnet: {
      machines: {
        name: "machines",
        resource_group_name: inGroup["resource_group_name"],
        virtual_network_name: "${azurerm_virtual_network.cluster.name}",
        address_prefixes: [network.cidr],
        ...subnet,
      },
    },
  };
}

/** A NAT gateway belongs to a zone, and a subnet has one: where the zone fails, machines cannot go out until it is back. */
function azureNat(cluster: string, zone: string): TofuResources {
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
