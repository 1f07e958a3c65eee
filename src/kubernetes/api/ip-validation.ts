// Fields that hold an address or a range: what is wrong with them and what is worth a warning, in upstream's words
// (apimachinery's util/validation). StrictIPCIDRValidation is on, as in 1.36.

import { type FieldError, invalid } from "./field-error.ts";
import { quote } from "./go-format.ts";
import {
  formatCIDR,
  formatIP,
  type IPAddress,
  type ParsedCIDR,
  parseCIDR,
  parseCIDRSloppy,
  parseIP,
  parseIPSloppy,
} from "./ip.ts";

/** A field that takes addresses in canonical form only. */
export function validateIP(field: string, value: string): FieldError[] {
  const errors = validateIPForLegacyField(field, value);
  if (errors.length > 0) return errors;
  return validateCanonical(field, value, formatIP(parseIP(value) as IPAddress));
}

/** A field older than that rule: takes any form of an address, and whatever it already held (`oldValues`). */
export function validateIPForLegacyField(
  field: string,
  value: string,
  oldValues: readonly string[] = [],
): FieldError[] {
  if (oldValues.includes(value)) return [];
  const address = parseIPSloppy(value);
  if (!address) return [invalid(field, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")];
  if (!parseIP(value)) return [invalid(field, value, "must not have leading 0s")];
  if (isMapped(value, address)) return [invalid(field, value, "must not be an IPv4-mapped IPv6 address")];
  return [];
}

/** A field that takes ranges in canonical form only, without bits set after the prefix. */
export function validateCIDR(field: string, value: string): FieldError[] {
  const errors = validateCIDRForLegacyField(field, value);
  if (errors.length > 0) return errors;
  return validateCanonical(field, value, formatCIDR((parseCIDR(value) as ParsedCIDR).range));
}

/** A field older than that rule: takes any form of a range, and whatever it already held (`oldValues`). */
export function validateCIDRForLegacyField(
  field: string,
  value: string,
  oldValues: readonly string[] = [],
): FieldError[] {
  if (oldValues.includes(value)) return [];
  const parsed = parseCIDRSloppy(value);
  if (!parsed) return [invalid(field, value, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")];
  if (!parseCIDR(value)) return [invalid(field, value, "must not have leading 0s in IP or prefix length")];
  if (isMapped(value, parsed.address)) return [invalid(field, value, "must not have an IPv4-mapped IPv6 address")];
  if (!isFirst(parsed)) return [invalid(field, value, "must not have bits set beyond the prefix length")];
  return [];
}

/** An address with the prefix length of its network, "192.168.1.5/24", in canonical form. */
export function validateInterfaceAddress(field: string, value: string): FieldError[] {
  const parsed = parseCIDRSloppy(value);
  if (!parsed) {
    return [invalid(field, value, "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)")];
  }
  return validateCanonical(field, value, `${formatIP(parsed.address)}/${prefixOfAddress(value, parsed)}`);
}

/** Warnings about an address in a legacy field; none for what is no address at all. */
export function warnOfIP(field: string, value: string): string[] {
  const address = parseIPSloppy(value);
  if (!address) return [];
  const canonical = formatIP(address);
  if (!parseIP(value) || isMapped(value, address)) {
    return [`${field}: non-standard IP address ${quote(value)} is invalid: use ${quote(canonical)}`];
  }
  if (address.family === 4 || canonical === value) return [];
  return [`${field}: IPv6 address ${quote(value)} should be in RFC 5952 canonical format (${quote(canonical)})`];
}

/** Warnings about a range in a legacy field; none for what is no range at all. */
export function warnOfCIDR(field: string, value: string): string[] {
  const parsed = parseCIDRSloppy(value);
  if (!parsed) return [];
  const canonical = formatCIDR(parsed.range);
  const warnings: string[] = [];
  if (!isFirst(parsed)) warnings.push(warnOfSetBits(field, value, parsed));
  if (!parseCIDR(value) || isMapped(value, parsed.address)) {
    warnings.push(`${field}: non-standard CIDR value ${quote(value)} is invalid: use ${quote(canonical)}`);
  }
  if (warnings.length === 0 && parsed.range.family === 6 && canonical !== value) {
    const words = "should be in RFC 5952 canonical format";
    warnings.push(`${field}: IPv6 CIDR value ${quote(value)} ${words} (${quote(canonical)})`);
  }
  return warnings;
}

function warnOfSetBits(field: string, value: string, { range, address }: ParsedCIDR): string {
  // Upstream counts the bits of the written form: 128 also for IPv4 inside IPv6.
  const single = `${formatIP(address)}/${value.includes(":") ? 128 : 32}`;
  const choices = `should be ${quote(formatCIDR(range))} or ${quote(single)}?`;
  return `${field}: CIDR value ${quote(value)} is ambiguous in this context (${choices})`;
}

function validateCanonical(field: string, value: string, canonical: string): FieldError[] {
  return value === canonical ? [] : [invalid(field, value, `must be in canonical form (${quote(canonical)})`)];
}

/** Was written as IPv6, but is IPv4. */
function isMapped(value: string, address: IPAddress): boolean {
  return address.family === 4 && value.includes(":");
}

function isFirst({ range, address }: ParsedCIDR): boolean {
  return range.family === address.family && range.first === address.value;
}

/** The prefix length in bits of the address' own family. */
function prefixOfAddress(value: string, { address }: ParsedCIDR): number {
  const written = Number(value.slice(value.indexOf("/") + 1));
  return isMapped(value, address) && written > 32 ? written - 96 : written;
}
