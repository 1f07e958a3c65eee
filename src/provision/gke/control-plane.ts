// The control plane that Google runs: regional, so that it stands the loss of a zone; nodes come from pools of our own.

import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import type { GkeInput } from "./provider.ts";

export function gkeControlPlane({ cluster, infrastructure, kubernetesVersion }: GkeInput): TofuDocument {
  const { access, network, region, zones, project, channel } = infrastructure;
  return document("The control plane, and what Google keeps up to date in the cluster.", {
    resource: {
      google_container_cluster: {
        cluster: {
          name: cluster,
          location: region,
          node_locations: zones.map((zone) => `${region}-${zone}`),
          ...(kubernetesVersion !== undefined && { min_master_version: kubernetesVersion }),
          release_channel: { channel },
          // A cluster is not made without nodes: these go at once, pools of our own follow.
          remove_default_node_pool: true,
          initial_node_count: 1,
          deletion_protection: false,
          network: "${google_compute_network.cluster.id}",
          subnetwork: "${google_compute_subnetwork.machines.id}",
          networking_mode: "VPC_NATIVE",
          datapath_provider: "ADVANCED_DATAPATH",
          ip_allocation_policy: { cluster_secondary_range_name: "pods", services_secondary_range_name: "services" },
          private_cluster_config: { enable_private_nodes: true, enable_private_endpoint: network.private },
          master_authorized_networks_config: {
            gcp_public_cidrs_access_enabled: false,
            cidr_blocks: (network.private ? [network.cidr] : access.api).map((range) => ({ cidr_block: range })),
          },
          workload_identity_config: { workload_pool: `${project}.svc.id.goog` },
          addons_config: { gce_persistent_disk_csi_driver_config: { enabled: true } },
          enable_shielded_nodes: true,
        },
      },
    },
  });
}
