// Finalizers of custom resources may have any name; those that others might choose, too, are warned of.

import { checkQualifiedName, type KubeObject, quote } from "#kubernetes/api";

const standard = new Set(["orphan", "foregroundDeletion", "kubernetes"]);

/** What is to be said of finalizers that are new. */
export function finalizerWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const before = new Set(old?.metadata.finalizers ?? []);
  const added = [...new Set(object.metadata.finalizers ?? [])].filter((name) => !before.has(name)).sort();
  return added.flatMap(warningsOf);
}

function warningsOf(name: string): string[] {
  const about = `metadata.finalizers: ${quote(name)}`;
  const warnings = checkQualifiedName(name).map((why) => `${about}: ${why}`);
  if (name.includes("/") || standard.has(name)) return warnings;
  const form = name.includes(".") ? " including a path (/)" : "";
  const advice = `prefer a domain-qualified finalizer name${form} to avoid accidental conflicts with other finalizer writers`;
  return [...warnings, `${about}: ${advice}`];
}
