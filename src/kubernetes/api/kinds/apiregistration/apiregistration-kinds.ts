// Every kind of group apiregistration.k8s.io.

import type { KindDefinition } from "../kind-definition.ts";
import { apiService } from "./api-service.ts";

export const apiregistrationKinds: readonly KindDefinition[] = [apiService];
