import assert from "node:assert/strict";
import { test } from "node:test";
import { contains, formatCidr, formatIp, nthAddress, overlaps, parseCidr, parseIp } from "./network.ts";

test("parseIp and formatIp: dotted addresses there and back", () => {
  for (const text of ["0.0.0.0", "10.244.1.7", "255.255.255.255"]) assert.equal(formatIp(parseIp(text)!), text);
  for (const text of ["", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.5", "a.b.c.d"])
    assert.equal(parseIp(text), undefined);
});

test("parseCidr: wants a range whose host bits are 0", () => {
  assert.equal(formatCidr(parseCidr("10.244.0.0/16")!), "10.244.0.0/16");
  for (const text of ["10.244.0.1/16", "10.0.0.0/33", "10.0.0.0", "10.0.0.0/8/8", "x/8"])
    assert.equal(parseCidr(text), undefined);
});

test("overlaps, contains, nthAddress", () => {
  const [wide, inside, other] = ["10.96.0.0/12", "10.100.0.0/16", "10.112.0.0/12"].map((text) => parseCidr(text)!);
  assert.ok(overlaps(wide!, inside!) && overlaps(inside!, wide!));
  assert.ok(!overlaps(wide!, other!));
  assert.ok(contains(wide!, parseIp("10.111.255.255")!) && !contains(wide!, parseIp("10.112.0.0")!));
  assert.equal(nthAddress("10.96.0.0/16", 10), "10.96.0.10");
});
