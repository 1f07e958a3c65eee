// ip("…") and cidr("…"): addresses and ranges of them.

import { containsIP, formatIP, type IPAddress, overlaps, parseCIDR, parseIP, quote } from "#kubernetes/api";
import { opaqueType, types } from "../../values/type.ts";
import { CelError, type CelOpaque, type CelValue, NO_SUCH_OVERLOAD } from "../../values/value.ts";
import { declare, type FunctionDeclaration, globalOverload, memberOverload } from "../declare.ts";
import { explainAddress, explainRange } from "./address-errors.ts";

const { bool, int, string } = types;
export const ipType = opaqueType("net.IP");
export const cidrType = opaqueType("net.CIDR");

class IpValue implements CelOpaque {
  readonly kind = "opaque";
  readonly type = ipType;
  readonly address: IPAddress;

  constructor(address: IPAddress) {
    this.address = address;
  }

  get size(): number {
    return this.address.family === 4 ? 4 : 16;
  }

  equal(other: CelValue): CelValue {
    if (!(other instanceof IpValue)) return NO_SUCH_OVERLOAD;
    return this.address.family === other.address.family && this.address.value === other.address.value;
  }
}

class CidrValue implements CelOpaque {
  readonly kind = "opaque";
  readonly type = cidrType;
  /** As it was written: bits after the prefix may be set. */
  readonly address: IPAddress;
  readonly prefixLength: number;

  constructor(address: IPAddress, prefixLength: number) {
    this.address = address;
    this.prefixLength = prefixLength;
  }

  get size(): number {
    return Math.ceil(this.prefixLength / 8);
  }

  get range(): { family: 4 | 6; first: bigint; prefixLength: number } {
    const { family, value } = this.address;
    const free = BigInt((family === 4 ? 32 : 128) - this.prefixLength);
    return { family, first: (value >> free) << free, prefixLength: this.prefixLength };
  }

  print(): string {
    return `${formatIP(this.address)}/${this.prefixLength}`;
  }

  equal(other: CelValue): CelValue {
    return other instanceof CidrValue ? this.print() === other.print() : NO_SUCH_OVERLOAD;
  }
}

function toIp(text: string): IpValue | CelError {
  const address = parseIP(text);
  if (!address) return refuseAddress(text);
  if (text.includes(":") && address.family === 4) {
    return new CelError(`IPv4-mapped IPv6 address ${quote(text)} is not allowed`);
  }
  return new IpValue(address);
}

function refuseAddress(text: string): CelError {
  const zone = text.indexOf("%");
  if (zone > 0 && zone < text.length - 1 && text.includes(":") && parseIP(text.slice(0, zone))) {
    return new CelError(`IP address ${quote(text)} with zone value is not allowed`);
  }
  return new CelError(`IP Address ${quote(text)} parse error during conversion from string: ${explainAddress(text)}`);
}

function toCidr(text: string): CidrValue | CelError {
  const prefix = "network address parse error during conversion from string: ";
  const parsed = parseCIDR(text);
  if (!parsed) return new CelError(`${prefix}${prefix}${explainRange(text)}`);
  if (text.includes(":") && parsed.address.family === 4) {
    return new CelError(`${prefix}IPv4-mapped IPv6 address ${quote(text)} is not allowed`);
  }
  return new CidrValue(parsed.address, parsed.range.prefixLength);
}

function isCanonical(text: string): CelValue {
  const ip = toIp(text);
  return ip instanceof CelError ? ip : formatIP(ip.address) === text;
}

function holdsAddress(cidr: CidrValue, ip: IpValue | CelError): CelValue {
  return ip instanceof CelError ? ip : containsIP(cidr.range, ip.address);
}

function holdsRange(cidr: CidrValue, other: CidrValue | CelError): CelValue {
  if (other instanceof CelError) return other;
  return cidr.prefixLength <= other.prefixLength && overlaps(cidr.range, other.range);
}

function masked({ range }: CidrValue): CelValue {
  return new CidrValue({ family: range.family, value: range.first }, range.prefixLength);
}

/** The leading bits of addresses of a kind, by family. */
interface Block {
  readonly 4: readonly [first: bigint, bits: number];
  readonly 6: readonly [first: bigint, bits: number];
}

const UNSPECIFIED: Block = { 4: [0n, 32], 6: [0n, 128] };
const LOOPBACK: Block = { 4: [0x7f00_0000n, 8], 6: [1n, 128] };
const MULTICAST: Block = { 4: [0xe000_0000n, 4], 6: [0xffn << 120n, 8] };
const LINK_LOCAL_MULTICAST: Block = { 4: [0xe000_0000n, 24], 6: [0xff02n << 112n, 16] };
const LINK_LOCAL_UNICAST: Block = { 4: [0xa9fe_0000n, 16], 6: [0xfe80n << 112n, 10] };

function isWithin({ family, value }: IPAddress, block: Block): boolean {
  const [first, bits] = block[family];
  const free = BigInt((family === 4 ? 32 : 128) - bits);
  return value >> free === first >> free;
}

function isGlobalUnicast(address: IPAddress): boolean {
  if (address.family === 4 && address.value === 0xffff_ffffn) return false;
  return ![UNSPECIFIED, LOOPBACK, MULTICAST, LINK_LOCAL_UNICAST].some((block) => isWithin(address, block));
}

function ipTest(name: string, id: string, test: (address: IPAddress) => boolean): FunctionDeclaration {
  return declare(
    name,
    memberOverload(id, [ipType], bool, (ip: IpValue) => test(ip.address)),
  );
}

export const addressFunctions: readonly FunctionDeclaration[] = [
  declare(
    "ip",
    globalOverload("string_to_ip", [string], ipType, toIp),
    memberOverload("cidr_ip", [cidrType], ipType, (cidr: CidrValue) => new IpValue(cidr.address)),
  ),
  declare(
    "family",
    memberOverload("ip_family", [ipType], int, (ip: IpValue) => BigInt(ip.address.family)),
  ),
  declare("ip.isCanonical", globalOverload("ip_is_canonical", [string], bool, isCanonical)),
  ipTest("isUnspecified", "ip_is_unspecified", (address) => isWithin(address, UNSPECIFIED)),
  ipTest("isLoopback", "ip_is_loopback", (address) => isWithin(address, LOOPBACK)),
  ipTest("isLinkLocalMulticast", "ip_is_link_local_multicast", (address) => isWithin(address, LINK_LOCAL_MULTICAST)),
  ipTest("isLinkLocalUnicast", "ip_is_link_local_unicast", (address) => isWithin(address, LINK_LOCAL_UNICAST)),
  ipTest("isGlobalUnicast", "ip_is_global_unicast", isGlobalUnicast),
  declare(
    "isIP",
    globalOverload("is_ip", [string], bool, (text: string) => toIp(text) instanceof IpValue),
  ),
  declare(
    "string",
    globalOverload("ip_to_string", [ipType], string, (ip: IpValue) => formatIP(ip.address)),
    globalOverload("cidr_to_string", [cidrType], string, (cidr: CidrValue) => cidr.print()),
  ),
  declare("cidr", globalOverload("string_to_cidr", [string], cidrType, toCidr)),
  declare(
    "containsIP",
    memberOverload("cidr_contains_ip_string", [cidrType, string], bool, (cidr: CidrValue, text: string) =>
      holdsAddress(cidr, toIp(text)),
    ),
    memberOverload("cidr_contains_ip_ip", [cidrType, ipType], bool, holdsAddress),
  ),
  declare(
    "containsCIDR",
    memberOverload("cidr_contains_cidr_string", [cidrType, string], bool, (cidr: CidrValue, text: string) =>
      holdsRange(cidr, toCidr(text)),
    ),
    memberOverload("cidr_contains_cidr", [cidrType, cidrType], bool, holdsRange),
  ),
  declare(
    "prefixLength",
    memberOverload("cidr_prefix_length", [cidrType], int, (cidr: CidrValue) => BigInt(cidr.prefixLength)),
  ),
  declare("masked", memberOverload("cidr_masked", [cidrType], cidrType, masked)),
  declare(
    "isCIDR",
    globalOverload("is_cidr", [string], bool, (text: string) => toCidr(text) instanceof CidrValue),
  ),
];
