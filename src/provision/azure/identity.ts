// What machines may do on Azure: the control plane, in the cluster's own group only, what cloud controllers and the CSI driver need;
// workers what a node needs.

import { document } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument } from "../tofu/document.ts";
import { azureTags, inGroup } from "./network.ts";
import type { AzureInput } from "./provider.ts";

export function azureIdentity({ cluster }: AzureInput): TofuDocument {
  const identity = (role: string): TofuBlock => ({ name: `${cluster}-${role}`, ...inGroup, tags: azureTags(cluster) });
  const may = (identityName: string, role: string): TofuBlock => ({
    scope: "${azurerm_resource_group.cluster.id}",
    role_definition_name: role,
    principal_id: `\${azurerm_user_assigned_identity.${identityName}.principal_id}`,
    principal_type: "ServicePrincipal",
  });
  return document("What machines may do: cloud controllers and the disk driver run on control planes.", {
    resource: {
      azurerm_user_assigned_identity: { control_plane: identity("control-plane"), worker: identity("worker") },
      azurerm_role_assignment: {
        // Load balancers, routes, security rules, disks and attaching them: the whole of the group.
        control_plane: may("control_plane", "Contributor"),
        worker: may("worker", "Reader"),
      },
    },
  });
}
