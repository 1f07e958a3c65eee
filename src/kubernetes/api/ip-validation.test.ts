import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFieldError } from "./field-error.ts";
import {
  validateCIDR,
  validateCIDRForLegacyField,
  validateInterfaceAddress,
  validateIP,
  validateIPForLegacyField,
  warnOfCIDR,
  warnOfIP,
} from "./ip-validation.ts";

type Validate = typeof validateIP;

function check(validate: Validate, cases: Readonly<Record<string, string | undefined>>): void {
  for (const [value, detail] of Object.entries(cases)) {
    const wanted = detail === undefined ? [] : [`f: Invalid value: ${JSON.stringify(value)}: ${detail}`];
    assert.deepEqual(validate("f", value).map(describeFieldError), wanted);
  }
}

test("validateIP: wants the canonical form", () => {
  check(validateIP, {
    "10.0.0.1": undefined,
    "fe80::1": undefined,
    "FE80::1": 'must be in canonical form ("fe80::1")',
    "10.0.0.01": "must not have leading 0s",
    "::ffff:1.2.3.4": "must not be an IPv4-mapped IPv6 address",
    "10.0.0": "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
  });
});

test("validateIPForLegacyField: takes other forms, and what was there before", () => {
  check(validateIPForLegacyField, { "FE80::1": undefined, "10.0.0.01": "must not have leading 0s" });
  assert.deepEqual(validateIPForLegacyField("f", "10.0.0.01", ["10.0.0.01"]), []);
});

test("validateCIDR: wants the canonical form of a range", () => {
  check(validateCIDR, {
    "10.0.0.0/8": undefined,
    "10.0.0.1/8": "must not have bits set beyond the prefix length",
    "10.0.0.0/08": "must not have leading 0s in IP or prefix length",
    "::ffff:10.0.0.0/104": "must not have an IPv4-mapped IPv6 address",
    "FE80::/64": 'must be in canonical form ("fe80::/64")',
    "10.0.0.0": "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
  });
  assert.deepEqual(validateCIDRForLegacyField("f", "FE80::/64"), []);
  assert.deepEqual(validateCIDRForLegacyField("f", "10.0.0.1/8", ["10.0.0.1/8"]), []);
});

test("validateInterfaceAddress: takes bits after the prefix", () => {
  check(validateInterfaceAddress, {
    "10.0.0.1/8": undefined,
    "::ffff:192.168.0.1/120": 'must be in canonical form ("192.168.0.1/24")',
    "10.0.0.1": "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)",
  });
});

test("warnOfIP, warnOfCIDR: name the better form", () => {
  assert.deepEqual(warnOfIP("f", "10.0.0.1"), []);
  assert.deepEqual(warnOfIP("f", "10.0.0.01"), ['f: non-standard IP address "10.0.0.01" is invalid: use "10.0.0.1"']);
  assert.deepEqual(warnOfIP("f", "FE80::1"), [
    'f: IPv6 address "FE80::1" should be in RFC 5952 canonical format ("fe80::1")',
  ]);
  assert.deepEqual(warnOfCIDR("f", "10.0.0.1/8"), [
    'f: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
  ]);
  assert.deepEqual(warnOfCIDR("f", "FE80::/64"), [
    'f: IPv6 CIDR value "FE80::/64" should be in RFC 5952 canonical format ("fe80::/64")',
  ]);
});
