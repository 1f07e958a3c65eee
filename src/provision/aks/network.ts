// The network of an AKS cluster: a resource group, a virtual network with one subnet for nodes; pods have addresses of their own.

import { azureTags, inGroup } from "../azure/network.ts";
import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import type { AksInput } from "./provider.ts";

export function aksNetwork({ cluster, infrastructure: { network, region } }: AksInput): TofuDocument {
  const tags = azureTags(cluster);
  return document("The network: one subnet over all zones.", {
    resource: {
      azurerm_resource_group: { cluster: { name: cluster, location: region, tags } },
      azurerm_virtual_network: { cluster: { name: cluster, ...inGroup, address_space: [network.cidr], tags } },
      azurerm_subnet: {
        machines: {
          name: "machines",
          resource_group_name: inGroup["resource_group_name"],
          virtual_network_name: "${azurerm_virtual_network.cluster.name}",
          address_prefixes: [network.cidr],
        },
      },
    },
  });
}
