// Why a text is no address or range, in the words of Go's net/netip.

import { parseIP, quote } from "#kubernetes/api";

/** The message of netip.ParseAddr for a text it does not take. */
export function explainAddress(text: string): string {
  return `ParseAddr(${quote(text)}): ${reasonOf(text)}`;
}

function reasonOf(text: string): string {
  const mark = /[.:%]/.exec(text)?.[0];
  if (mark === ".") return explainDotted(text);
  if (mark === ":") return explainColons(text);
  return mark === "%" ? "missing IPv6 address" : "unable to parse IP";
}

function explainDotted(text: string): string {
  const octets = text.split(".");
  for (const [index, octet] of octets.entries()) {
    const rest = octets.slice(index).join(".");
    const bad = /[^0-9]/.exec(octet);
    if (bad) return `unexpected character (at ${quote(octets.slice(index).join(".").slice(bad.index))})`;
    if (octet === "") return `IPv4 field must have at least one digit${rest === "" ? "" : ` (at ${quote(rest)})`}`;
    if (octet.length > 1 && octet.startsWith("0")) return "IPv4 field has octet with leading zero";
    if (Number(octet) > 255) return "IPv4 field has value >255";
    if (index > 3) return "IPv4 address too long";
  }
  return "IPv4 address too short";
}

function explainColons(text: string): string {
  const [before = "", zone] = text.split("%", 2);
  if (zone === "") return "zone must be a non-empty string";
  const groups = before.split(":");
  const bad = /[^0-9a-fA-F:.]/.exec(before);
  if (bad) return `unexpected character, want colon (at ${quote(text.slice(bad.index))})`;
  const long = groups.find((group) => group.length > 4 && !group.includes("."));
  if (long !== undefined) return `each group must have 4 or less digits (at ${quote(long)})`;
  const doubled = before.split("::").length - 1;
  if (doubled > 1) return "multiple :: in address";
  if (doubled === 0 && groups.length < 8) return "address string too short";
  if (doubled === 0 && groups.length > 8)
    return `trailing garbage after address (at ${quote(groups.slice(8).join(":"))})`;
  return "each colon-separated field must have at least one digit";
}

/** The message of netip.ParsePrefix for a text it does not take. */
export function explainRange(text: string): string {
  const head = `netip.ParsePrefix(${quote(text)}): `;
  const slash = text.lastIndexOf("/");
  if (slash < 0) return `${head}no '/'`;
  const address = text.slice(0, slash);
  const bits = text.slice(slash + 1);
  const parsed = parseIP(address);
  if (address.includes("%")) return `${head}IPv6 zones cannot be present in a prefix`;
  if (!parsed) return `${head}${explainAddress(address)}`;
  if (/^0\d|^[+-]|\D/.test(bits) || bits === "") return `${head}bad bits after slash: ${quote(bits)}`;
  return `${head}prefix length out of range`;
}
