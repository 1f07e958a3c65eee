import { test } from "node:test";
import { runCases } from "../../testing/run-cases.ts";

test("semver", () => {
  runCases({
    "semver('1.2.3').isLessThan(semver('1.10.0'))": "true",
    "semver('1.2.3-alpha').compareTo(semver('1.2.3'))": "-1",
    "semver('1.2.3-alpha.2').isLessThan(semver('1.2.3-alpha.10'))": "true",
    "semver('1.2.3+a') == semver('1.2.3+b')": "true",
    "semver('v1.2', true).minor()": "2",
    "semver('01.02.03', true).patch()": "3",
    "semver('1.2.3').major()": "1",
    "semver('1.2')": "No Major.Minor.Patch elements found",
    "semver('1.2.x')": 'Invalid character(s) found in patch number "x"',
    "isSemver('v1.0.0')": "false",
    "isSemver('v1.0', true)": "true",
  });
});
