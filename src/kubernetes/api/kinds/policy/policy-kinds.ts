// The kinds of policy/v1. (An Eviction is never stored: pods/eviction reads it as it comes.)

import type { KindDefinition } from "../kind-definition.ts";
import { podDisruptionBudget } from "./pod-disruption-budget.ts";

export const policyKinds: readonly KindDefinition[] = [podDisruptionBudget];
