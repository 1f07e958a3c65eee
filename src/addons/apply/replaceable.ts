// Which objects may be deleted and made anew when a change of theirs is impossible where they stand. Pure.

/** Nothing is lost: they hold no state and stop no pods. */
const always = new Set([
  "Job",
  "RoleBinding",
  "ClusterRoleBinding",
  "StorageClass",
  "CSIDriver",
  "ConfigMap",
  "Secret",
  "PriorityClass",
  "RuntimeClass",
  "IngressClass",
]);
/** Pods start again, or an address changes: only where a person says so. */
const onRequest = new Set(["Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Service", "PodDisruptionBudget"]);

/** `requested`: a person has agreed to pods that start again. What holds people's data is never replaceable. */
export function isReplaceable(kind: string, requested: boolean): boolean {
  return always.has(kind) || (requested && onRequest.has(kind));
}
