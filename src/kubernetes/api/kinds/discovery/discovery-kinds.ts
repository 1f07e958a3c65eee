// The kind of discovery.k8s.io/v1.

import type { KindDefinition } from "../kind-definition.ts";
import { endpointSlice } from "./endpoint-slice.ts";

export const discoveryKinds: readonly KindDefinition[] = [endpointSlice];
