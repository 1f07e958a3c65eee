// Which fields two configurations differ in.

import type { ClusterConfig } from "./cluster-config.ts";
import { type FieldPath, formatPath } from "./config-problem.ts";

export interface FieldChange {
  /** "workers[0].count". */
  readonly path: string;
  /** Absent where the field is new. */
  readonly before?: unknown;
  /** Absent where it is gone. */
  readonly after?: unknown;
}

/** Every single field that differs, in the order of the new configuration, what is gone behind it. */
export function diffConfigs(before: ClusterConfig, after: ClusterConfig): FieldChange[] {
  return diffValues(before, after, []);
}

function diffValues(before: unknown, after: unknown, path: FieldPath): FieldChange[] {
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) {
    if (before === after) return [];
    return [{ path: formatPath(path), ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
  }
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].flatMap((key) =>
    diffValues(before[key], after[key], [...path, Array.isArray(after) ? Number(key) : key]),
  );
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
