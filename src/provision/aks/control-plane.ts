// The control plane that Microsoft runs, with its first pool of nodes, which it cannot be without: neither empty, nor spot, nor tainted.

import { aksPoolName, aksRotationName, nthAddress } from "#config";
import { azureTags, inGroup } from "../azure/network.ts";
import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import { firstPool } from "./pools.ts";
import type { AksInput } from "./provider.ts";

export function aksControlPlane(input: AksInput): TofuDocument {
  const { cluster, infrastructure, kubernetesVersion, podCIDR, serviceCIDR } = input;
  const { access, network, tier } = infrastructure;
  const pool = firstPool(input.pools);
  return document(
    "The control plane with its first pool of nodes, and what Microsoft keeps up to date in the cluster.",
    {
      resource: {
        azurerm_kubernetes_cluster: {
          cluster: {
            name: cluster,
            ...inGroup,
            dns_prefix: cluster,
            ...(kubernetesVersion !== undefined && { kubernetes_version: kubernetesVersion }),
            sku_tier: tier,
            private_cluster_enabled: network.private,
            ...(!network.private &&
              !access.api.includes("0.0.0.0/0") && { api_server_access_profile: { authorized_ip_ranges: access.api } }),
            // Who may do what is Entra's to tell; there is no account that everybody shares.
            local_account_disabled: true,
            azure_active_directory_role_based_access_control: {
              azure_rbac_enabled: true,
              tenant_id: "${data.azurerm_client_config.current.tenant_id}",
            },
            oidc_issuer_enabled: true,
            workload_identity_enabled: true,
            identity: { type: "UserAssigned", identity_ids: ["${azurerm_user_assigned_identity.control_plane.id}"] },
            storage_profile: { disk_driver_enabled: true },
            default_node_pool: {
              name: aksPoolName(pool.name),
              vm_size: pool.type,
              node_count: pool.count,
              os_disk_size_gb: pool.diskGB,
              zones: pool.zones,
              vnet_subnet_id: "${azurerm_subnet.machines.id}",
              node_labels: pool.labels,
              temporary_name_for_rotation: aksRotationName,
              upgrade_settings: { max_surge: "1" },
            },
            network_profile: {
              network_plugin: "azure",
              network_plugin_mode: "overlay",
              network_data_plane: "cilium",
              network_policy: "cilium",
              pod_cidr: podCIDR,
              service_cidr: serviceCIDR,
              dns_service_ip: nthAddress(serviceCIDR, 10),
              load_balancer_sku: "standard",
              outbound_type: "loadBalancer",
            },
            tags: azureTags(cluster),
            depends_on: ["azurerm_role_assignment.control_plane"],
          },
        },
      },
    },
  );
}
