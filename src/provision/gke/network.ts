// The network of a GKE cluster: one subnet with ranges of its own for pods and services, and a NAT as the way out: nodes have no
// public addresses.

import { googleNat, googleNetwork } from "../gcp/network.ts";
import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import type { GkeInput } from "./provider.ts";

export function gkeNetwork(input: GkeInput): TofuDocument {
  const subnet = {
    secondary_ip_range: [
      { range_name: "pods", ip_cidr_range: input.podCIDR },
      { range_name: "services", ip_cidr_range: input.serviceCIDR },
    ],
  };
  return document("The network: one subnet over all zones, with ranges for pods and services, and the way out.", {
    resource: { ...googleNetwork(input, subnet), ...googleNat(input) },
  });
}
