// Who may reach what on Azure: machines each other and the load balancer's probes the API (Azure's own rules), people what they are let.

import { document } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument } from "../tofu/document.ts";
import { azureTags, inGroup } from "./network.ts";
import type { AzureInput } from "./provider.ts";

export function azureFirewall({ cluster, infrastructure, podCIDR, apiPort }: AzureInput): TofuDocument {
  const { access, network } = infrastructure;
  const tags = azureTags(cluster);
  const rule = (name: string, priority: number, from: readonly string[], more: TofuBlock): TofuBlock => ({
    name,
    resource_group_name: inGroup["resource_group_name"],
    network_security_group_name: "${azurerm_network_security_group.machines.name}",
    priority,
    direction: "Inbound",
    access: "Allow",
    protocol: "Tcp",
    source_address_prefixes: from,
    source_port_range: "*",
    ...more,
  });
  const toControlPlanes = {
    destination_application_security_group_ids: ["${azurerm_application_security_group.control_plane.id}"],
  };
  return document(
    "Who may reach what: a security group over the subnet. What no rule of it or of Azure's lets in stays out.",
    {
      resource: {
        azurerm_network_security_group: { machines: { name: `${cluster}-machines`, ...inGroup, tags } },
        azurerm_subnet_network_security_group_association: {
          machines: {
            subnet_id: "${azurerm_subnet.machines.id}",
            network_security_group_id: "${azurerm_network_security_group.machines.id}",
          },
        },
        azurerm_application_security_group: { control_plane: { name: `${cluster}-control-plane`, ...inGroup, tags } },
        azurerm_network_security_rule: {
          pods: rule("pods", 100, [podCIDR], {
            protocol: "*",
            destination_port_range: "*",
            destination_address_prefix: "*",
          }),
          // The load balancer passes packets through: they come with their sender's address.
          ...(access.api.length > 0 &&
            !network.private && {
              api: rule("api", 200, access.api, { destination_port_range: `${apiPort}`, ...toControlPlanes }),
            }),
          ...(access.ssh.length > 0 && {
            ssh: rule("ssh", 300, access.ssh, { destination_port_range: "22", destination_address_prefix: "*" }),
          }),
        },
      },
    },
  );
}
