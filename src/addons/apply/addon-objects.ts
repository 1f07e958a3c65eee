// What the engine works on: the objects of one add-on, and how each is named. Pure.

import { parseApiVersion, type UnknownObject } from "#kubernetes/api";

/** An add-on as it shall be in the cluster. */
export interface AddonObjects {
  readonly name: string;
  readonly objects: readonly UnknownObject[];
  /** For people; absent where the source has none. */
  readonly version?: string;
  /** Where objects go that belong into a namespace and name none. Default: "default". Made where it is missing. */
  readonly namespace?: string;
  /** What to do about fields others have set differently. Default: refuse. */
  readonly conflicts?: "refuse" | "overwrite";
}

/** "Role.rbac.authorization.k8s.io", "ConfigMap". */
export function groupKindOf(object: UnknownObject): string {
  const { group } = parseApiVersion(object.apiVersion ?? "");
  return group === "" ? object.kind! : `${object.kind}.${group}`;
}

/** The same for the same object, whatever its version. */
export function identify(object: UnknownObject): string {
  const { namespace = "", name } = object.metadata;
  return `${groupKindOf(object)}/${namespace}/${name}`;
}

/** For people: "Deployment kube-system/metrics-server". */
export function nameObject({ kind, metadata: { namespace, name } }: UnknownObject): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}
