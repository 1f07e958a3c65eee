// The two families of addresses, in the words of the API and of nftables.

import { formatIP, parseIPSloppy } from "#kubernetes/api";

/** As services' ipFamilies, slices' addressType and upstream's metrics name them. */
export type IPFamily = "IPv4" | "IPv6";

export const ipFamilies: readonly IPFamily[] = ["IPv4", "IPv6"];

/** How nftables says the same for either family. */
export interface FamilyWords {
  /** The family of tables, and the word for its header: "ip saddr". */
  readonly ip: "ip" | "ip6";
  readonly address: "ipv4_addr" | "ipv6_addr";
  readonly loopback: "127.0.0.0/8" | "::1";
}

const words: Readonly<Record<IPFamily, FamilyWords>> = {
  IPv4: { ip: "ip", address: "ipv4_addr", loopback: "127.0.0.0/8" },
  IPv6: { ip: "ip6", address: "ipv6_addr", loopback: "::1" },
};

export function wordsOf(family: IPFamily): FamilyWords {
  return words[family];
}

/** By its look: the text must be an address or a range. */
export function familyOf(addressOrRange: string): IPFamily {
  return addressOrRange.includes(":") ? "IPv6" : "IPv4";
}

const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const plainIPv4 = new RegExp(`^${octet}\\.${octet}\\.${octet}\\.${octet}$`);

/** The address in the form nftables shows it, of the family; undefined where the text is none of that family. */
export function addressIn(family: IPFamily, text: string): string | undefined {
  // Nearly every address there is; the general way costs ten times as much.
  if (family === "IPv4" && plainIPv4.test(text)) return text;
  const parsed = parseIPSloppy(text);
  if (!parsed || parsed.family !== (family === "IPv4" ? 4 : 6)) return undefined;
  return formatIP(parsed);
}
