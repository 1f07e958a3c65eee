// IPv4 addresses and ranges as numbers: parsing, formatting, containment, the nth address. Knows no field of the configuration.

/** A range such as 10.244.0.0/16: its first address as a number, and the length of its prefix. */
export interface Cidr {
  readonly base: number;
  readonly prefix: number;
}

/** The address as a number, or undefined where the text is no IPv4 address. */
export function parseIp(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  let address = 0;
  for (const part of match.slice(1)) {
    if (Number(part) > 255 || (part.length > 1 && part.startsWith("0"))) return undefined;
    address = address * 256 + Number(part);
  }
  return address;
}

export function formatIp(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** The range, or undefined where the text is none. Bits behind the prefix must be 0, as in "10.0.0.0/8". */
export function parseCidr(text: string): Cidr | undefined {
  const [ip, length, ...rest] = text.split("/");
  const base = parseIp(ip ?? "");
  if (base === undefined || rest.length > 0 || !/^\d{1,2}$/.test(length ?? "")) return undefined;
  const prefix = Number(length);
  if (prefix > 32 || base % sizeOf({ base, prefix }) !== 0) return undefined;
  return { base, prefix };
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIp(cidr.base)}/${cidr.prefix}`;
}

/** How many addresses the range holds. */
export function sizeOf(cidr: Cidr): number {
  return 2 ** (32 - cidr.prefix);
}

export function overlaps(one: Cidr, other: Cidr): boolean {
  return one.base < other.base + sizeOf(other) && other.base < one.base + sizeOf(one);
}

export function contains(cidr: Cidr, address: number): boolean {
  return address >= cidr.base && address < cidr.base + sizeOf(cidr);
}

/** The nth address of a range given as text: nthAddress("10.96.0.0/16", 10) is "10.96.0.10". The text must be a range. */
export function nthAddress(cidr: string, index: number): string {
  const range = parseCidr(cidr);
  if (!range) throw new Error(`Cannot take an address of ${JSON.stringify(cidr)}: it is no IPv4 range`);
  return formatIp(range.base + index);
}
