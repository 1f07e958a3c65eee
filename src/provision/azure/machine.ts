// Machines on Azure: one virtual machine, with its network interface, for each entry of local.machines.

import { byRole, controlPlaneMachines, document, machinesLocal } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import { azureTags, inGroup } from "./network.ts";
import type { AzureInput } from "./provider.ts";

/** Whom the key lets in. */
export const azureUser = "slipway";

export function azureMachines({ cluster, infrastructure, machines }: AzureInput): TofuDocument {
  const { image, network, sshPublicKey } = infrastructure;
  const [publisher, offer, sku, version] = image.split(":");
  const tags = {
    ...azureTags(cluster),
    "slipway.dev_role": "${each.value.role}",
    "slipway.dev_pool": "${each.value.pool}",
  };
  const publicAddress = {
    name: "${each.key}",
    ...inGroup,
    allocation_method: "Static",
    sku: "Standard",
    zones: ["${each.value.zone}"],
    tags,
  };
  return document("The machines, and what is made for each of them.", {
    locals: { machines: machinesLocal(machines) },
    resource: {
      ...(!network.private && { azurerm_public_ip: { machine: { for_each: "${local.machines}", ...publicAddress } } }),
      azurerm_network_interface: {
        machine: {
          for_each: "${local.machines}",
          name: "${each.key}",
          ...inGroup,
          // Pods' addresses are not the machine's own.
          ip_forwarding_enabled: true,
          ip_configuration: [
            {
              name: "machine",
              subnet_id: "${azurerm_subnet.machines.id}",
              private_ip_address_allocation: "Dynamic",
              ...(!network.private && { public_ip_address_id: "${azurerm_public_ip.machine[each.key].id}" }),
            },
          ],
          tags,
        },
      },
      azurerm_network_interface_application_security_group_association: {
        machine: {
          for_each: controlPlaneMachines,
          network_interface_id: "${azurerm_network_interface.machine[each.key].id}",
          application_security_group_id: "${azurerm_application_security_group.control_plane.id}",
        },
      },
      azurerm_linux_virtual_machine: {
        machine: {
          for_each: "${local.machines}",
          name: "${each.key}",
          ...inGroup,
          size: "${each.value.type}",
          zone: "${each.value.zone}",
          admin_username: azureUser,
          // checkCloud sees to it that there is one: Azure makes no machine that nobody can open.
          admin_ssh_key: [{ username: azureUser, public_key: sshPublicKey ?? "" }],
          network_interface_ids: ["${azurerm_network_interface.machine[each.key].id}"],
          source_image_reference: { publisher, offer, sku, version },
          os_disk: { caching: "ReadWrite", storage_account_type: "Premium_LRS", disk_size_gb: "${each.value.disk_gb}" },
          custom_data: `\${each.value.user_data == null ? null : filebase64("\${path.module}/\${each.value.user_data}")}`,
          identity: {
            type: "UserAssigned",
            identity_ids: [
              byRole("azurerm_user_assigned_identity.control_plane.id", "azurerm_user_assigned_identity.worker.id"),
            ],
          },
          // An empty one stands for a store that Azure keeps: what the machine says on its console can be read.
          boot_diagnostics: {},
          ...(machines.some(({ spot }) => spot) && {
            priority: `\${each.value.spot ? "Spot" : "Regular"}`,
            eviction_policy: `\${each.value.spot ? "Deallocate" : null}`,
          }),
          tags,
          // A newer image, or other user data, is for new machines.
          lifecycle: { ignore_changes: ["custom_data", "source_image_reference"] },
        },
      },
    },
  });
}
