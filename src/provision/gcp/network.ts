// The network on Google Cloud: a network of its own with one subnet over all zones; for a private cluster a NAT as the way out.

import { document } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument, TofuResources } from "../tofu/document.ts";
import type { GcpInput } from "./provider.ts";

/** What of a cluster its network depends on: also GKE has one. */
export interface GoogleNetworkInput {
  readonly cluster: string;
  readonly infrastructure: { readonly region: string; readonly network: { readonly cidr: string } };
}

export function gcpNetwork(input: GcpInput): TofuDocument {
  return document("The network: one subnet over all zones, and the ways out.", {
    resource: { ...googleNetwork(input), ...(input.infrastructure.network.private && googleNat(input)) },
  });
}

/** A network and its only subnet, in which machines lie; `subnet` is what else that one has. */
export function googleNetwork(
  { cluster, infrastructure: { network, region } }: GoogleNetworkInput,
  subnet: TofuBlock = {},
): TofuResources {
  return {
    google_compute_network: { cluster: { name: cluster, auto_create_subnetworks: false, routing_mode: "REGIONAL" } },
    google_compute_subnetwork: {
      machines: {
        name: cluster,
        network: "${google_compute_network.cluster.id}",
        region,
        ip_cidr_range: network.cidr,
        private_ip_google_access: true,
        ...subnet,
      },
    },
  };
}

/** The way out for machines without public addresses. */
export function googleNat({ cluster, infrastructure: { region } }: GoogleNetworkInput): TofuResources {
  return {
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
  };
}
