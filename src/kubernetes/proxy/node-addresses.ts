// The addresses of this machine at which node ports are served, where that is not all of them.

import { networkInterfaces } from "node:os";
import { containsIP, parseCIDRSloppy, parseIPSloppy } from "#kubernetes/api";
import type { IPFamily } from "./nft/family.ts";

/** This machine's addresses of the family in one of the ranges; never the loopback's, at which node ports are not served. */
export function localAddressesIn(ranges: readonly string[], family: IPFamily): string[] {
  const wanted = ranges.map((range) => parseCIDRSloppy(range)?.range).filter((range) => range !== undefined);
  const addresses = Object.values(networkInterfaces()).flatMap((of) => of ?? []);
  const ours = addresses.filter((each) => each.family === family && !each.internal).map(({ address }) => address);
  return [...new Set(ours)].filter((address) => {
    const ip = parseIPSloppy(address);
    return ip !== undefined && wanted.some((range) => containsIP(range, ip));
  });
}
