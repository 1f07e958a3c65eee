// Reads from the kernel which clients stay with which endpoint, so that a table made anew does not forget them.

import type { Nft, NftObject } from "../nft/nft.ts";
import { affinityPrefix } from "./names.ts";
import type { AffinityElements } from "./service-table.ts";

/** The clients of every affinity set of the table ("ip name"); none where there is no table. */
export async function readAffinity(nft: Nft, table: string, signal?: AbortSignal): Promise<AffinityElements> {
  const clients = new Map<string, readonly string[]>();
  const [family = "", name = ""] = table.split(" ");
  const overview = await nft.list(["table", family, name], { terse: true, signal });
  for (const set of affinitySetsIn(overview ?? [])) {
    const [object] = ((await nft.list(["set", family, name, set], { signal })) ?? []).filter((each) => each["set"]);
    clients.set(set, clientsIn(object?.["set"]?.["elem"]));
  }
  return clients;
}

function affinitySetsIn(objects: readonly NftObject[]): string[] {
  const names = objects.map((object) => String(object["set"]?.["name"] ?? ""));
  return names.filter((name) => name.startsWith(affinityPrefix));
}

interface TimedElement {
  readonly elem: { readonly val: string; readonly timeout?: number; readonly expires?: number };
}

function clientsIn(elements: unknown): string[] {
  if (!Array.isArray(elements)) return [];
  return (elements as (TimedElement | string)[]).flatMap((element) => {
    if (typeof element === "string") return [];
    const { val, timeout, expires } = element.elem;
    return timeout && expires ? [`${val} timeout ${timeout}s expires ${expires}s`] : [];
  });
}
