// Addresses that traffic is sent to: of no use where they mean the sender itself, or only its own link.

import { type FieldError, invalid } from "../../field-error.ts";
import { containsIP, type IPAddress, parseCIDR, parseIPSloppy } from "../../ip.ts";

const unreachable = [
  { ranges: ["127.0.0.0/8", "::1/128"], why: "may not be in the loopback range (127.0.0.0/8, ::1/128)" },
  { ranges: ["169.254.0.0/16", "fe80::/10"], why: "may not be in the link-local range (169.254.0.0/16, fe80::/10)" },
  {
    ranges: ["224.0.0.0/24"],
    why: "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
  },
].map(({ ranges, why }) => ({ ranges: ranges.map((range) => parseCIDR(range)!.range), why }));

/** Upstream's ValidateEndpointIP. */
export function validateReachableIP(ip: string, path: string, errors: FieldError[]): void {
  const address = parseIPSloppy(ip);
  if (!address) {
    errors.push(invalid(path, ip, "must be a valid IP address"));
    return;
  }
  if (address.value === 0n) errors.push(invalid(path, ip, `may not be unspecified (${ip})`));
  for (const { ranges, why } of unreachable) {
    if (ranges.some((range) => containsIP(range, address))) errors.push(invalid(path, ip, why));
  }
  if (isLinkLocalMulticast(address)) errors.push(invalid(path, ip, unreachable[2]!.why));
}

/** In IPv6: ff02 with any flags. */
function isLinkLocalMulticast({ family, value }: IPAddress): boolean {
  return family === 6 && value >> 120n === 0xffn && ((value >> 112n) & 0xfn) === 2n;
}
