// What may do what on AKS: the control plane in the cluster's network, where it makes load balancers; who made the cluster is its admin.

import { azureTags, inGroup } from "../azure/network.ts";
import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import type { AksInput } from "./provider.ts";

export function aksIdentity({ cluster }: AksInput): TofuDocument {
  return document("What the control plane may do, and who may do everything in the cluster.", {
    data: { azurerm_client_config: { current: {} } },
    resource: {
      azurerm_user_assigned_identity: {
        control_plane: { name: `${cluster}-control-plane`, ...inGroup, tags: azureTags(cluster) },
      },
      azurerm_role_assignment: {
        control_plane: {
          scope: "${azurerm_virtual_network.cluster.id}",
          role_definition_name: "Network Contributor",
          principal_id: "${azurerm_user_assigned_identity.control_plane.principal_id}",
          principal_type: "ServicePrincipal",
        },
        admin: {
          scope: "${azurerm_kubernetes_cluster.cluster.id}",
          role_definition_name: "Azure Kubernetes Service RBAC Cluster Admin",
          principal_id: "${data.azurerm_client_config.current.object_id}",
        },
      },
    },
  });
}
