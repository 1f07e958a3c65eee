// Objects under admission are changed in place, since all plug-ins share them.

import type { KubeObject } from "#kubernetes/api";

/** Makes the object what another is; it stays the same object. */
export function replaceObject(object: KubeObject, by: KubeObject): void {
  if (object === by) return;
  const fields = object as unknown as Record<string, unknown>;
  for (const key of Object.keys(fields)) delete fields[key];
  Object.assign(fields, by);
}
