// Who may reach what on vSphere: whoever reaches the network. It has no rules of its own, only NSX beside it has.

import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";

export function vsphereFirewall(): TofuDocument {
  return document(
    "vSphere filters nothing between machines on a port group: what guards that network guards the cluster.",
    {},
  );
}
