// The kinds of autoscaling/v1 and autoscaling/v2.

import type { KindDefinition } from "../kind-definition.ts";
import { autoscaler, autoscalerV1 } from "./horizontal-pod-autoscaler.ts";

export const autoscalingKinds: readonly KindDefinition[] = [autoscaler, autoscalerV1];
