// Every kind of group flowcontrol.apiserver.k8s.io.

import type { KindDefinition } from "../kind-definition.ts";
import { flowSchema } from "./flow-schema.ts";
import { priorityLevelConfiguration } from "./priority-level-configuration.ts";

export const flowcontrolKinds: readonly KindDefinition[] = [flowSchema, priorityLevelConfiguration];
