// The kind of coordination.k8s.io/v1.

import type { KindDefinition } from "../kind-definition.ts";
import { lease } from "./lease.ts";

export const coordinationKinds: readonly KindDefinition[] = [lease];
