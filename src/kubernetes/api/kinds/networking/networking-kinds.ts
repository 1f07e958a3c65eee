// The kinds of networking.k8s.io/v1.

import type { KindDefinition } from "../kind-definition.ts";
import { ingress } from "./ingress.ts";
import { ingressClass } from "./ingress-class.ts";
import { ipAddress } from "./ip-address.ts";
import { networkPolicy } from "./network-policy.ts";
import { serviceCIDR } from "./service-cidr.ts";

export const networkingKinds: readonly KindDefinition[] = [
  ingress,
  ingressClass,
  ipAddress,
  networkPolicy,
  serviceCIDR,
];
