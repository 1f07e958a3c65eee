// Changes the garbage collector makes on the way to a deletion, which ask for no further permission.

import { equalJson, type KubeObject } from "#kubernetes/api";

/** Whether nothing differs but finalizers, owner references and who owns which field. */
export function isChangedByCollectorOnly(object: KubeObject, old: KubeObject): boolean {
  const { finalizers, ownerReferences, managedFields } = old.metadata;
  const metadata = { ...object.metadata, finalizers, ownerReferences, managedFields };
  return equalJson(dropAbsent({ ...object, metadata }), dropAbsent(old));
}

function dropAbsent(object: KubeObject): unknown {
  return JSON.parse(JSON.stringify(object));
}
