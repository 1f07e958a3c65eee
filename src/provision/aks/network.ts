// The network of an AKS cluster: a resource group, a virtual network with one subnet for nodes; pods have addresses of their own.

import { groupAndNetwork } from "../azure/network.ts";
import { document } from "../tofu/cloud.ts";
import type { TofuDocument } from "../tofu/document.ts";
import type { AksInput } from "./provider.ts";

export function aksNetwork(input: AksInput): TofuDocument {
  return document("The network: one subnet over all zones.", { resource: groupAndNetwork(input) });
}
