// Endpoints hold no more than a thousand addresses: the rest is found in EndpointSlices only.

import type { EndpointSubset } from "#kubernetes/api";

const maxAddresses = 1000;

export interface Truncated {
  readonly subsets: EndpointSubset[];
  readonly isTruncated: boolean;
}

/** Keeps ready addresses before others, and of each subset its share. */
export function truncateSubsets(subsets: readonly EndpointSubset[]): Truncated {
  const ready = count(subsets, "addresses");
  const notReady = count(subsets, "notReadyAddresses");
  if (ready + notReady <= maxAddresses) return { subsets: [...subsets], isTruncated: false };
  const shortened =
    ready > maxAddresses
      ? shorten(subsets, "addresses", maxAddresses / ready, maxAddresses).map(withoutNotReady)
      : shorten(subsets, "notReadyAddresses", (maxAddresses - ready) / notReady, maxAddresses - ready);
  return { subsets: shortened, isTruncated: true };
}

type Field = "addresses" | "notReadyAddresses";

function count(subsets: readonly EndpointSubset[], field: Field): number {
  return subsets.reduce((sum, subset) => sum + (subset[field]?.length ?? 0), 0);
}

function shorten(subsets: readonly EndpointSubset[], field: Field, share: number, room: number): EndpointSubset[] {
  let left = room;
  return subsets.map((subset) => {
    const { [field]: all = [], ...rest } = subset;
    const kept = all.slice(0, Math.min(left, Math.ceil(all.length * share)));
    left -= kept.length;
    return kept.length > 0 ? { ...rest, [field]: kept } : rest;
  });
}

function withoutNotReady({ notReadyAddresses: _, ...rest }: EndpointSubset): EndpointSubset {
  return rest;
}
