// Finalizers that keep objects as long as they are used. Pure.

import type { KubeObject } from "#kubernetes/api";

export type ProtectionPlan = "add" | "remove" | "keep";

/** @param isUsed Asked only where the object is to go. */
export async function planProtection(
  { metadata }: KubeObject,
  finalizer: string,
  isUsed: () => boolean | Promise<boolean>,
): Promise<ProtectionPlan> {
  const isProtected = metadata.finalizers?.includes(finalizer) ?? false;
  if (metadata.deletionTimestamp === undefined) return isProtected ? "keep" : "add";
  return isProtected && !(await isUsed()) ? "remove" : "keep";
}

/** The object with its finalizers changed as planned. */
export function withProtection<T extends KubeObject>(object: T, finalizer: string, plan: "add" | "remove"): T {
  const others = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  const finalizers = plan === "add" ? [...others, finalizer] : others;
  return { ...object, metadata: { ...object.metadata, finalizers } };
}
