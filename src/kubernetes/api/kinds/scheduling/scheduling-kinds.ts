// The kind of scheduling.k8s.io/v1.

import type { KindDefinition } from "../kind-definition.ts";
import { priorityClass } from "./priority-class.ts";

export const schedulingKinds: readonly KindDefinition[] = [priorityClass];
