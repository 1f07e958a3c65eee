// Every kind of group resource.k8s.io.

import type { KindDefinition } from "../kind-definition.ts";
import { deviceClass } from "./device-class.ts";
import { resourceClaim } from "./resource-claim.ts";
import { resourceClaimTemplate } from "./resource-claim-template.ts";
import { resourceSlice } from "./resource-slice.ts";

export const resourceKinds: readonly KindDefinition[] = [
  deviceClass,
  resourceClaim,
  resourceClaimTemplate,
  resourceSlice,
];
