// What upstreams publish for each add-on of the catalogue, the newest first: data, in releases.json. A digest stands where the file is
// part of a tagged tree, which was looked at; files that are made when upstream releases are held by each cluster's lock file.

import type { Release } from "../addon.ts";
import table from "./releases.json" with { type: "json" };

const releases: Readonly<Record<string, readonly Release[]>> = table;

/** Throws for an add-on the table does not have. */
export function releasesOf(addon: string): readonly Release[] {
  const found = releases[addon];
  if (!found) throw new Error(`Cannot find releases of ${addon}: the table does not have it`);
  return found;
}
