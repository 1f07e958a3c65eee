// IPv4 and IPv6 addresses and ranges as values: parsing by Go's rules, formatting (RFC 5952), comparing, containing, counting.

/** An address. An IPv4 address written inside IPv6 (::ffff:1.2.3.4) is an IPv4 address, as in Go. */
export interface IPAddress {
  readonly family: 4 | 6;
  /** The address as a number of 32 or 128 bits. */
  readonly value: bigint;
}

/** A range of addresses, "10.0.0.0/8". */
export interface CIDR {
  readonly family: 4 | 6;
  /** The range's first address. */
  readonly first: bigint;
  /** How many leading bits are the same in all of it; counted in bits of its family. */
  readonly prefixLength: number;
}

/** Parses an address by Go's rules of today: no leading zeros, no zone. Undefined when it is none. */
export function parseIP(text: string): IPAddress | undefined {
  return parseAddress(text, strictNumbers);
}

/** As parseIP, but "010.1.2.3" is 10.1.2.3: what Kubernetes once accepted, so old objects may hold it. */
export function parseIPSloppy(text: string): IPAddress | undefined {
  return parseAddress(text, sloppyNumbers);
}

/** The address in its canonical form. */
export function formatIP(address: IPAddress): string {
  return address.family === 4 ? formatIPv4(Number(address.value)) : formatIPv6(address.value);
}

/** Orders by family, then by number. */
export function compareIP(a: IPAddress, b: IPAddress): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

/** A range and the address that was written before the slash, which need not be the range's first. */
export interface ParsedCIDR {
  readonly range: CIDR;
  readonly address: IPAddress;
}

/** Parses "address/bits" by Go's rules of today; bits after the prefix may be set. Undefined when it is none. */
export function parseCIDR(text: string): ParsedCIDR | undefined {
  return parseRange(text, strictNumbers);
}

/** As parseCIDR, with leading zeros, as parseIPSloppy. */
export function parseCIDRSloppy(text: string): ParsedCIDR | undefined {
  return parseRange(text, sloppyNumbers);
}

export function formatCIDR(range: CIDR): string {
  return `${formatIP({ family: range.family, value: range.first })}/${range.prefixLength}`;
}

export function containsIP(range: CIDR, address: IPAddress): boolean {
  return range.family === address.family && startOf(address.value, range.prefixLength, range.family) === range.first;
}

export function overlaps(a: CIDR, b: CIDR): boolean {
  const [wide, narrow] = a.prefixLength <= b.prefixLength ? [a, b] : [b, a];
  return containsIP(wide, { family: narrow.family, value: narrow.first });
}

/** How many addresses the range has. */
export function sizeOfCIDR(range: CIDR): bigint {
  return 1n << BigInt(bitsOf(range.family) - range.prefixLength);
}

/** The range's address number `index`, from 0. Throws a RangeError outside it. */
export function addressAt(range: CIDR, index: number | bigint): IPAddress {
  const offset = BigInt(index);
  if (offset < 0n || offset >= sizeOfCIDR(range)) {
    throw new RangeError(`Cannot find address ${index} of ${formatCIDR(range)}: it has ${sizeOfCIDR(range)}`);
  }
  return { family: range.family, value: range.first + offset };
}

/** How numbers may be written: in dotted IPv4, in the groups of IPv6, and after the slash. */
interface NumberRules {
  readonly octet: RegExp;
  readonly group: RegExp;
  readonly bits: RegExp;
}

const strictNumbers: NumberRules = {
  octet: /^(0|[1-9][0-9]{0,2})$/,
  group: /^[0-9a-fA-F]{1,4}$/,
  bits: /^(0|[1-9][0-9]{0,2})$/,
};
const sloppyNumbers: NumberRules = { octet: /^0*[0-9]{1,3}$/, group: /^0*[0-9a-fA-F]{1,4}$/, bits: /^0*[0-9]{1,3}$/ };

const mappedPrefix = 0xffffn << 32n;
const mappedBits = 96;

function parseAddress(text: string, rules: NumberRules): IPAddress | undefined {
  const colon = text.indexOf(":");
  const dot = text.indexOf(".");
  if (dot >= 0 && (colon < 0 || dot < colon)) return ipv4(parseIPv4(text, rules));
  return colon < 0 ? undefined : fromIPv6(parseIPv6(text, rules));
}

function parseRange(text: string, rules: NumberRules): ParsedCIDR | undefined {
  const slash = text.indexOf("/");
  const bits = text.slice(slash + 1);
  if (slash < 0 || !rules.bits.test(bits)) return undefined;
  const dotted = parseIPv4(text.slice(0, slash), rules);
  if (dotted !== undefined) return makeRange(BigInt(dotted), Number(bits), 4);
  const value = parseIPv6(text.slice(0, slash), rules);
  return value === undefined ? undefined : makeRange(value, Number(bits), 6);
}

function makeRange(value: bigint, bits: number, family: 4 | 6): ParsedCIDR | undefined {
  if (bits > bitsOf(family)) return undefined;
  const first = startOf(value, bits, family);
  const range: CIDR = isMapped(first, family)
    ? { family: 4, first: first - mappedPrefix, prefixLength: Math.max(bits - mappedBits, 0) }
    : { family, first, prefixLength: bits };
  return { range, address: family === 4 ? { family, value } : toAddress(value) };
}

function ipv4(value: number | undefined): IPAddress | undefined {
  return value === undefined ? undefined : { family: 4, value: BigInt(value) };
}

function fromIPv6(value: bigint | undefined): IPAddress | undefined {
  return value === undefined ? undefined : toAddress(value);
}

function toAddress(value: bigint): IPAddress {
  return isMapped(value, 6) ? { family: 4, value: value - mappedPrefix } : { family: 6, value };
}

function isMapped(value: bigint, family: 4 | 6): boolean {
  return family === 6 && value >> 32n === 0xffffn;
}

function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

function startOf(value: bigint, prefixLength: number, family: 4 | 6): bigint {
  const free = BigInt(bitsOf(family) - prefixLength);
  return (value >> free) << free;
}

function parseIPv4(text: string, rules: NumberRules): number | undefined {
  const octets = text.split(".", 5);
  if (octets.length !== 4) return undefined;
  let value = 0;
  for (const octet of octets) {
    const number = rules.octet.test(octet) ? Number(octet) : 256;
    if (number > 255) return undefined;
    value = value * 256 + number;
  }
  return value;
}

function parseIPv6(text: string, rules: NumberRules): bigint | undefined {
  const [before = "", after, more] = text.split("::", 3);
  if (more !== undefined) return undefined;
  const head = parseGroups(before, after === undefined, rules);
  const tail = after === undefined ? [] : parseGroups(after, true, rules);
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 1) return undefined;
  return joinGroups([...head, ...new Array<number>(missing).fill(0), ...tail]);
}

/** The groups between colons; the last one of an address may be dotted, and stands for two. */
function parseGroups(text: string, mayEndDotted: boolean, rules: NumberRules): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const words = text.split(":", 9);
  for (const [index, word] of words.entries()) {
    if (rules.group.test(word)) groups.push(Number.parseInt(word, 16));
    else {
      const dotted = mayEndDotted && index === words.length - 1 ? parseIPv4(word, rules) : undefined;
      if (dotted === undefined) return undefined;
      groups.push(Math.floor(dotted / 65536), dotted % 65536);
    }
  }
  return groups;
}

function joinGroups(groups: readonly number[]): bigint {
  return BigInt(`0x${groups.map((group) => group.toString(16).padStart(4, "0")).join("")}`);
}

function formatIPv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

function formatIPv6(value: bigint): string {
  const digits = value.toString(16).padStart(32, "0");
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number.parseInt(digits.slice(index * 4, index * 4 + 4), 16).toString(16),
  );
  const run = longestZeroRun(groups);
  if (run.length < 2) return groups.join(":");
  return `${groups.slice(0, run.start).join(":")}::${groups.slice(run.start + run.length).join(":")}`;
}

function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === "0" ? length + 1 : 0;
    if (length > longest.length) longest = { start: index - length + 1, length };
  }
  return longest;
}
