// The kind of events.k8s.io/v1.

import type { KindDefinition } from "../kind-definition.ts";
import { newEvent } from "./event.ts";

export const eventsKinds: readonly KindDefinition[] = [newEvent];
