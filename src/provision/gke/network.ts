// The network of a GKE cluster: one subnet with ranges of its own for pods and services, and a NAT as the way out: nodes have no
// public addresses.

import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import type { GkeInput } from "./provider.ts";

export function gkeNetwork({
  cluster,
  infrastructure: { network, region },
  podCIDR,
  serviceCIDR,
}: GkeInput): TofuDocument {
  return document("The network: one subnet over all zones, with ranges for pods and services, and the way out.", {
    resource: {
      google_compute_network: { cluster: { name: cluster, auto_create_subnetworks: false, routing_mode: "REGIONAL" } },
      google_compute_subnetwork: {
        machines: {
          name: cluster,
          network: "${google_compute_network.cluster.id}",
          region,
          ip_cidr_range: network.cidr,
          private_ip_google_access: true,
          secondary_ip_range: [
            { range_name: "pods", ip_cidr_range: podCIDR },
            { range_name: "services", ip_cidr_range: serviceCIDR },
          ],
        },
      },
      google_compute_router: { cluster: { name: cluster, network: "${google_compute_network.cluster.id}", region } },
      google_compute_router_nat: {
        cluster: {
          name: cluster,
          router: "${google_compute_router.cluster.name}",
          region,
          nat_ip_allocate_option: "AUTO_ONLY",
          source_subnetwork_ip_ranges_to_nat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
        },
      },
    },
  });
}
