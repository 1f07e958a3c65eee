// The kind of node.k8s.io/v1.

import type { KindDefinition } from "../kind-definition.ts";
import { runtimeClass } from "./runtime-class.ts";

export const nodeKinds: readonly KindDefinition[] = [runtimeClass];
