// Where containers' logs lie: <folder>/<namespace>_<pod>_<uid>/<container>/<restarts>.log, as log collectors expect.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { BoundPod } from "../pod/bound-pod.ts";

export function podLogFolder(folder: string, { metadata: { namespace, name, uid } }: BoundPod): string {
  return join(folder, `${namespace}_${name}_${uid}`);
}

/** Relative to the pod's folder. */
export function containerLogPath(containerName: string, restartCount: number): string {
  return join(containerName, `${restartCount}.log`);
}

/** The uid in the name of a pod's log folder. */
export function podUidOfLogFolder(name: string): string {
  return name.slice(name.lastIndexOf("_") + 1);
}

/**
 * How often a container has run, by the logs it left: for a runtime that has forgotten it. Else its next run would write into
 * an old log.
 */
export async function restartCountByLogs(folder: string): Promise<number> {
  let count = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    const number = /^(\d+)\.log(\..*)?$/.exec(name)?.[1];
    if (number !== undefined) count = Math.max(count, Number(number) + 1);
  }
  return count;
}
