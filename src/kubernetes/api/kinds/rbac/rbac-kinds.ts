// The kinds of rbac.authorization.k8s.io/v1.

import type { KindDefinition } from "../kind-definition.ts";
import { clusterRoleBinding, roleBinding } from "./bindings.ts";
import { clusterRole } from "./cluster-role.ts";
import { role } from "./role.ts";

export const rbacKinds: readonly KindDefinition[] = [clusterRole, clusterRoleBinding, role, roleBinding];
