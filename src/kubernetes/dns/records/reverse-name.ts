// Addresses written as names: 10.0.96.10.in-addr.arpa, and nibbles below ip6.arpa. Pure.

import { formatIP, parseIP } from "#kubernetes/api";

/** The address in canonical form; undefined where the name is none of an address. */
export function parseReverseName(labels: readonly string[]): string | undefined {
  const [top, zone] = labels.toReversed();
  const digits = labels.slice(0, -2).toReversed();
  if (top !== "arpa") return undefined;
  if (zone === "in-addr" && digits.length === 4) return canonical(digits.join("."));
  if (zone !== "ip6" || digits.length !== 32 || digits.some((digit) => digit.length !== 1)) return undefined;
  return canonical(digits.join("").replace(/.{4}(?=.)/g, "$&:"));
}

export function canonical(address: string): string | undefined {
  const parsed = parseIP(address);
  return parsed && formatIP(parsed);
}
