// The numbers of DNS messages that are used here (RFC 1035, 2782, 3596, 6891).

export const recordTypes = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  IXFR: 251,
  AXFR: 252,
} as const;

export const rcodes = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const;

export type Rcode = (typeof rcodes)[keyof typeof rcodes];

export const internetClass = 1;

/** Bits of the second word of a message. */
export const flags = {
  response: 0x8000,
  opcode: 0x7800,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursionDesired: 0x0100,
  recursionAvailable: 0x0080,
  authenticData: 0x0020,
  checkingDisabled: 0x0010,
  rcode: 0x000f,
} as const;

export const headerLength = 12;
/** Of a UDP message without EDNS. */
export const plainUdpLength = 512;
/** What is said of our own UDP buffer: never in fragments, over any network (DNS flag day 2020). */
export const ourUdpLength = 1232;
export const longestMessage = 65_535;

const typeNames = new Map<number, string>([
  ...Object.entries(recordTypes).map(([name, number]) => [number, name] as const),
  [15, "MX"],
  [35, "NAPTR"],
  [43, "DS"],
  [48, "DNSKEY"],
  [64, "SVCB"],
  [65, "HTTPS"],
  [255, "ANY"],
]);

/** For logs and metrics. */
export function nameOfType(type: number): string {
  return typeNames.get(type) ?? "other";
}

export function nameOfRcode(rcode: number): string {
  const found = Object.entries(rcodes).find(([, number]) => number === rcode);
  return found?.[0] ?? String(rcode);
}
