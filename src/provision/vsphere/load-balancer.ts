// What stands in front of the API on vSphere: nothing that vSphere has. With several control planes one of them always holds
// controlPlane.virtualAddress, or controlPlane.endpoint names a load balancer that is there already.

import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";

export function vsphereLoadBalancer(): TofuDocument {
  return document(
    "vSphere has no load balancer: the API is reached by an address that control planes pass among each other.",
    {},
  );
}
