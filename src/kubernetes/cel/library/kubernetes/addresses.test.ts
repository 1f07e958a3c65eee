import { test } from "node:test";
import { runCases } from "../../testing/run-cases.ts";

test("ip", () => {
  runCases({
    "ip('192.168.0.1').family()": "4",
    "ip('::1').isLoopback()": "true",
    "ip('2001:db8::abcd') == ip('2001:DB8::ABCD')": "true",
    "ip('192.168.0.01')":
      'IP Address "192.168.0.01" parse error during conversion from string: ParseAddr("192.168.0.01"): IPv4 field has octet with leading zero',
    "ip('fe80::1%eth0')": 'IP address "fe80::1%eth0" with zone value is not allowed',
    "isIP('::ffff:1.2.3.4')": "false",
    "ip.isCanonical('2001:DB8::1')": "false",
    "ip.isCanonical('2001:db8::1')": "true",
    "ip('0.0.0.0').isUnspecified()": "true",
    "ip('fe80::1').isLinkLocalUnicast()": "true",
    "ip('ff02::1').isLinkLocalMulticast()": "true",
    "ip('8.8.8.8').isGlobalUnicast()": "true",
    "string(ip('::1'))": '"::1"',
  });
});

test("cidr", () => {
  runCases({
    "cidr('10.0.0.0/8').containsIP('10.1.2.3')": "true",
    "cidr('10.0.0.0/8').containsIP(ip('11.0.0.1'))": "false",
    "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')": "true",
    "cidr('10.0.0.0/8').containsCIDR(cidr('9.0.0.0/8'))": "false",
    "string(cidr('10.1.2.3/8').masked())": '"10.0.0.0/8"',
    "cidr('10.0.0.0/8').prefixLength()": "8",
    "cidr('10.0.0.0/8').ip() == ip('10.0.0.0')": "true",
    "isCIDR('10.0.0.0/33')": "false",
    "cidr('::ffff:1.2.3.4/112')":
      'network address parse error during conversion from string: IPv4-mapped IPv6 address "::ffff:1.2.3.4/112" is not allowed',
  });
});
