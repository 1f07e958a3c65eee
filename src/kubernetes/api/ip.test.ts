import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addressAt,
  compareIP,
  containsIP,
  formatCIDR,
  formatIP,
  overlaps,
  parseCIDR,
  parseCIDRSloppy,
  parseIP,
  parseIPSloppy,
  sizeOfCIDR,
} from "./ip.ts";

function canonical(text: string): string | undefined {
  const address = parseIP(text);
  return address && formatIP(address);
}

function rangeOf(text: string) {
  const parsed = parseCIDR(text);
  assert.ok(parsed, `${text} is a range`);
  return parsed.range;
}

function addressOf(text: string) {
  const address = parseIP(text);
  assert.ok(address, `${text} is an address`);
  return address;
}

test("parseIP: reads what formatIP writes in its canonical form", () => {
  const forms: Record<string, string> = {
    "1.2.3.4": "1.2.3.4",
    "255.255.255.255": "255.255.255.255",
    "::": "::",
    "::1": "::1",
    "1::": "1::",
    "FE80:0:0:0:0:0:0:0ABC": "fe80::abc",
    "2001:db8:0:0:1:0:0:1": "2001:db8::1:0:0:1",
    "1:2:3:4:5:6:7:8": "1:2:3:4:5:6:7:8",
    "1:0:2:3:4:5:6:7": "1:0:2:3:4:5:6:7",
    "::ffff:1.2.3.4": "1.2.3.4",
    "64:ff9b::1.2.3.4": "64:ff9b::102:304",
  };
  for (const [text, form] of Object.entries(forms)) assert.equal(canonical(text), form);
});

test("parseIP: refuses what Go refuses", () => {
  const wrong = ["", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.4 ", ":", ":::", "1::2::3", "12345::"];
  wrong.push("1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "fe80::1%eth0", "::1.2.3", "1.2.3.4::", "g::");
  for (const text of wrong) assert.equal(parseIP(text), undefined, text);
});

test("parseIPSloppy: takes leading zeros as decimal", () => {
  const address = parseIPSloppy("010.002.003.004");
  assert.equal(address && formatIP(address), "10.2.3.4");
  assert.equal(parseIPSloppy("256.1.1.1"), undefined);
});

test("parseCIDR: keeps the written address beside the range", () => {
  const parsed = parseCIDR("10.1.2.3/8");
  assert.equal(parsed && formatCIDR(parsed.range), "10.0.0.0/8");
  assert.equal(parsed && formatIP(parsed.address), "10.1.2.3");
  assert.equal(formatCIDR(rangeOf("::ffff:10.1.2.3/104")), "10.0.0.0/8");
  assert.equal(formatCIDR(rangeOf("2001:db8::1/32")), "2001:db8::/32");
  for (const text of ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/08", "::/129", "/8", "10.0.0.0/"]) {
    assert.equal(parseCIDR(text), undefined, text);
  }
  assert.ok(parseCIDRSloppy("10.0.0.0/08"));
});

test("containsIP, overlaps: hold within one family", () => {
  assert.ok(containsIP(rangeOf("10.0.0.0/8"), addressOf("10.255.0.1")));
  assert.ok(!containsIP(rangeOf("10.0.0.0/8"), addressOf("11.0.0.0")));
  assert.ok(!containsIP(rangeOf("::/0"), addressOf("10.0.0.1")));
  assert.ok(overlaps(rangeOf("10.0.0.0/8"), rangeOf("10.1.0.0/16")));
  assert.ok(overlaps(rangeOf("10.1.0.0/16"), rangeOf("0.0.0.0/0")));
  assert.ok(!overlaps(rangeOf("10.1.0.0/16"), rangeOf("10.2.0.0/16")));
});

test("addressAt: counts from the first address and stays inside", () => {
  const range = rangeOf("10.0.0.0/30");
  assert.equal(sizeOfCIDR(range), 4n);
  assert.equal(formatIP(addressAt(range, 3)), "10.0.0.3");
  assert.throws(() => addressAt(range, 4), RangeError);
  assert.equal(formatIP(addressAt(rangeOf("fd00::/64"), 2n ** 64n - 1n)), "fd00::ffff:ffff:ffff:ffff");
});

test("compareIP: orders IPv4 before IPv6, then by number", () => {
  const sorted = ["::1", "10.0.0.2", "9.0.0.1"].map(addressOf).toSorted(compareIP).map(formatIP);
  assert.deepEqual(sorted, ["9.0.0.1", "10.0.0.2", "::1"]);
});
