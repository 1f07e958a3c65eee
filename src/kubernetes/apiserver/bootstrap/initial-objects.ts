// What a fresh server holds: namespaces, roles and bindings, priority classes, flow control, the list of its own API versions.

import type { KubeObject } from "#kubernetes/api";
import objects from "../../api/generated/bootstrap-objects.json" with { type: "json" };
import rbac from "../../api/generated/bootstrap-rbac.json" with { type: "json" };

/** Objects of one resource, without apiVersion and kind. */
export interface InitialObjects {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly objects: readonly KubeObject[];
  /** Roles and bindings also get back, at every start, what somebody took from them. */
  readonly reconcile?: "rules" | "subjects";
}

/** In the order they are to be written: namespaces first, for what lies in them. */
export function initialObjects(): readonly InitialObjects[] {
  const table = objects as unknown as Readonly<Record<string, readonly KubeObject[]>>;
  const roles = rbac as unknown as Readonly<Record<string, readonly KubeObject[]>>;
  const rbacGroup = { group: "rbac.authorization.k8s.io", version: "v1" };
  const flowGroup = { group: "flowcontrol.apiserver.k8s.io", version: "v1" };
  return [
    { group: "", version: "v1", resource: "namespaces", objects: firstNamespaces },
    { ...rbacGroup, resource: "clusterroles", objects: roles["clusterRoles"]!, reconcile: "rules" },
    { ...rbacGroup, resource: "clusterrolebindings", objects: roles["clusterRoleBindings"]!, reconcile: "subjects" },
    { ...rbacGroup, resource: "roles", objects: roles["roles"]!, reconcile: "rules" },
    { ...rbacGroup, resource: "rolebindings", objects: roles["roleBindings"]!, reconcile: "subjects" },
    { group: "scheduling.k8s.io", version: "v1", resource: "priorityclasses", objects: table["priorityClasses"]! },
    { ...flowGroup, resource: "prioritylevelconfigurations", objects: table["priorityLevelConfigurations"]! },
    { ...flowGroup, resource: "flowschemas", objects: table["flowSchemas"]! },
    { group: "apiregistration.k8s.io", version: "v1", resource: "apiservices", objects: table["apiServices"]! },
  ];
}

const firstNamespaces: readonly KubeObject[] = ["default", "kube-system", "kube-public", "kube-node-lease"].map(
  (name) => ({ metadata: { name } }),
);
