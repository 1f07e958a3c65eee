// Node pools on GKE: one for each entry of local.pools. Google counts nodes per zone: a pool uses as many zones as share its count.

import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import { poolsLocal, spreadEvenly } from "../tofu/managed.ts";
import type { GkeInput } from "./provider.ts";

const effects = { NoSchedule: "NO_SCHEDULE", PreferNoSchedule: "PREFER_NO_SCHEDULE", NoExecute: "NO_EXECUTE" } as const;

export function gkeNodes(input: GkeInput): TofuDocument {
  const { region } = input.infrastructure;
  const pools = poolsLocal(input, (pool) => {
    const { zones, each } = spreadEvenly(pool);
    const taints = pool.taints.map(({ key, value, effect }) => ({ key, value, effect: effects[effect] }));
    return { zones: zones.map((zone) => `${region}-${zone}`), count_in_zone: each, taints };
  });
  return document("The pools of nodes.", {
    locals: { pools },
    resource: {
      google_container_node_pool: {
        pool: {
          for_each: "${local.pools}",
          name: "${each.key}",
          cluster: "${google_container_cluster.cluster.id}",
          node_locations: "${each.value.zones}",
          node_count: "${each.value.count_in_zone}",
          management: { auto_repair: true, auto_upgrade: true },
          upgrade_settings: { max_surge: 1, max_unavailable: 0 },
          node_config: {
            machine_type: "${each.value.type}",
            disk_size_gb: "${each.value.disk_gb}",
            disk_type: "pd-balanced",
            spot: "${each.value.spot}",
            service_account: "${google_service_account.nodes.email}",
            oauth_scopes: ["https://www.googleapis.com/auth/cloud-platform"],
            labels: "${each.value.labels}",
            dynamic: {
              taint: {
                for_each: "${each.value.taints}",
                content: { key: "${taint.value.key}", value: "${taint.value.value}", effect: "${taint.value.effect}" },
              },
            },
            metadata: { "disable-legacy-endpoints": "true" },
            shielded_instance_config: { enable_secure_boot: true, enable_integrity_monitoring: true },
            workload_metadata_config: { mode: "GKE_METADATA" },
          },
        },
      },
    },
  });
}
