import assert from "node:assert/strict";
import { test } from "node:test";
import * as names from "./names.ts";

type Check = (value: string) => string[];

const label63 = "a".repeat(63);
const cases: readonly [Check, good: string[], bad: string[]][] = [
  [names.checkDNS1123Label, ["a", "a-b", "1-a", label63], ["", "-a", "a-", "A", "a_b", "a.b", `${label63}a`, "a\n"]],
  [names.checkDNS1123Subdomain, ["a", "a.b", "1.2", `${label63}a.b`], ["", ".a", "a.", "a..b", "A.b", "a".repeat(254)]],
  [names.checkDNS1123SubdomainWithUnderscore, ["_a.b", "a_b.c"], ["a_", "__a", "a.-"]],
  [names.checkDNS1123SubdomainCaseless, ["A.b", "a"], ["_", "", "A-"]],
  [names.checkDNS1035Label, ["a", "a1", "a-b"], ["1a", "", "a.b", "-a", "a-"]],
  [names.checkWildcardDNS1123Subdomain, ["*.a", "*.a.b"], ["*", "*a", "a", "*.*.a", "a.*"]],
  [names.checkQualifiedName, ["a", "A_b.c", "a.b/c", `a/${label63}`], ["", "/a", "a/", "a/b/c", "A/b", "a/-", "é"]],
  [names.checkLabelValue, ["", "a", "A_b.1", label63], ["-", "a-", "a/b", "a b", `${label63}a`]],
  [names.checkConfigMapKey, ["a", ".a", "A_b.c-d"], ["", ".", "..", "..a", "a/b", "a".repeat(254)]],
  [names.checkEnvVarName, ["A", "_", "a.b-c", "-"], ["1", "", "a=b", ".", "..", "..a"]],
  [names.checkRelaxedEnvVarName, ["1", "a b", ".", "~"], ["", "a=b", "é", "a\tb", "\x7f"]],
  [names.checkCIdentifier, ["_", "a1", "A"], ["", "1", "a-b"]],
  [names.checkHTTPHeaderName, ["X-A", "-"], ["", "a_b", "a b"]],
  [names.checkPercent, ["0%", "100%"], ["", "%", "1", "-1%", "1.5%"]],
  [names.checkPortName, ["http", "a-1", "1a"], ["", "A", "1", "-a", "a-", "a--b", "a".repeat(16)]],
  [names.checkDecimalInteger, ["0", "-1", "120"], ["", "-", "-0", "01", "+1", "1.0"]],
  [names.checkPathSegmentName, ["a", "A:b", "..a", ""], [".", "..", "a/b", "a%b"]],
];

for (const [check, good, bad] of cases) {
  test(`${check.name}: tells good values from bad`, () => {
    for (const value of good) assert.deepEqual(check(value), [], `${JSON.stringify(value)} is fine`);
    for (const value of bad) assert.notDeepEqual(check(value), [], `${JSON.stringify(value)} is not`);
  });
}

test("checkDNS1123Label: says it as upstream does", () => {
  assert.deepEqual(names.checkDNS1123Label("a.b"), ["must not contain dots"]);
  assert.deepEqual(names.checkDNS1123Label(`${label63}A`), [
    "must be no more than 63 characters",
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ]);
});

test("checkQualifiedName: says which part is wrong", () => {
  const words =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  assert.deepEqual(names.checkQualifiedName("/"), [
    "prefix part must be non-empty",
    "name part must be non-empty",
    `name part ${words}`,
  ]);
  assert.deepEqual(names.checkQualifiedName(`a/${label63}b`), ["name part must be no more than 63 bytes"]);
  assert.deepEqual(names.checkQualifiedName("a/b/c"), [
    `a valid label key ${words} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
  ]);
});

test("checkLabelValue: counts bytes, not characters", () => {
  assert.equal(names.checkLabelValue("é".repeat(32))[0], "must be no more than 63 bytes");
  assert.equal(names.checkPortName("é".repeat(8))[0], "must be no more than 15 characters");
});

test("checkPortNumber: takes 1 to 65535", () => {
  assert.deepEqual(names.checkPortNumber(1), []);
  assert.deepEqual(names.checkPortNumber(65536), ["must be between 1 and 65535, inclusive"]);
  assert.deepEqual(names.checkUserID(-1), ["must be between 0 and 2147483647, inclusive"]);
});

test("checkDNSSubdomainName: lets a prefix end in a dash", () => {
  assert.deepEqual(names.checkDNSSubdomainName("web-", true), []);
  assert.notDeepEqual(names.checkDNSSubdomainName("web-", false), []);
  assert.notDeepEqual(names.checkDNSLabelName("-", true), []);
});
