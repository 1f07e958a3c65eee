// The numbers of a StatefulSet's pods: which there should be, and which a pod has by its name. Pure.

import type { Pod, StatefulSet } from "#kubernetes/api";

export function replicasOf({ spec }: StatefulSet): number {
  return spec?.replicas ?? 1;
}

/** The first ordinal there should be. */
export function startOrdinal({ spec }: StatefulSet): number {
  return spec?.ordinals?.start ?? 0;
}

export function isWanted(set: StatefulSet, ordinal: number): boolean {
  return ordinal >= startOrdinal(set) && ordinal < startOrdinal(set) + replicasOf(set);
}

export function podName(set: StatefulSet, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

/** The ordinal in the pod's name; -1 where there is none. */
export function ordinalOf(pod: Pod): number {
  return parseName(pod).ordinal;
}

/** True where the pod is named after the set. */
export function isMember(set: StatefulSet, pod: Pod): boolean {
  return parseName(pod).parent === set.metadata.name;
}

function parseName({ metadata: { name = "" } }: Pod): { parent: string; ordinal: number } {
  const match = /^(.*)-(\d+)$/s.exec(name);
  if (!match) return { parent: "", ordinal: -1 };
  const ordinal = Number(match[2]);
  return { parent: match[1]!, ordinal: ordinal < 2 ** 31 ? ordinal : -1 };
}
