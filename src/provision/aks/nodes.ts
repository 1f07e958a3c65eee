// Node pools on AKS beside the first one: one for each entry of local.pools.

import { aksPoolName } from "#config";
import { azureTags } from "../azure/network.ts";
import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import { poolsLocal } from "../tofu/managed.ts";
import { firstPool, taintText } from "./pools.ts";
import type { AksInput } from "./provider.ts";

export function aksNodes(input: AksInput): TofuDocument {
  const first = firstPool(input.pools);
  const others = input.pools.filter((pool) => pool !== first);
  const pools = poolsLocal({ ...input, pools: others }, ({ name, taints }) => ({
    name: aksPoolName(name),
    taints: taints.map(taintText),
  }));
  return document("The pools of nodes beside the control plane's first one.", {
    locals: { pools },
    resource: {
      azurerm_kubernetes_cluster_node_pool: {
        pool: {
          for_each: "${local.pools}",
          name: "${each.value.name}",
          kubernetes_cluster_id: "${azurerm_kubernetes_cluster.cluster.id}",
          mode: "User",
          vm_size: "${each.value.type}",
          node_count: "${each.value.count}",
          os_disk_size_gb: "${each.value.disk_gb}",
          zones: "${each.value.zones}",
          vnet_subnet_id: "${azurerm_subnet.machines.id}",
          priority: `\${each.value.spot ? "Spot" : "Regular"}`,
          eviction_policy: `\${each.value.spot ? "Delete" : null}`,
          node_labels: "${each.value.labels}",
          node_taints: "${each.value.taints}",
          tags: azureTags(input.cluster),
        },
      },
    },
  });
}
