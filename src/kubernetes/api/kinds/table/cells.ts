// Cells that several kinds' rows have in common.

import type { Container } from "../../generated/types.ts";

export const noneCell = "<none>";

/** "a=1,b=2" in the keys' order; "<none>" where there are none. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(labels ?? {}).sort();
  return keys.length === 0 ? noneCell : keys.map((key) => `${key}=${labels?.[key]}`).join(",");
}

/** "True" or "False"; "<unset>" where nothing is said. */
export function formatBoolean(value: boolean | undefined): string {
  if (value === undefined) return "<unset>";
  return value ? "True" : "False";
}

/** Two cells: the containers' names and their images. */
export function containerCells(containers: readonly Container[] | undefined): [names: string, images: string] {
  const list = containers ?? [];
  return [list.map((container) => container.name).join(","), list.map((container) => container.image ?? "").join(",")];
}

const accessModeNames: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

/** "RWO,RWX", always in this order, without what is no access mode. */
export function formatAccessModes(modes: readonly string[] | undefined): string {
  return Object.entries(accessModeNames)
    .filter(([mode]) => modes?.includes(mode))
    .map(([, name]) => name)
    .join(",");
}
