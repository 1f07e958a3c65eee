// The kinds of apiextensions.k8s.io.

import type { KindDefinition } from "../kind-definition.ts";
import { defineCustomResourceDefinition } from "./custom-resource-definition.ts";

export const apiextensionsKinds: readonly KindDefinition[] = [defineCustomResourceDefinition()];
