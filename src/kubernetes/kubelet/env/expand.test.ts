import assert from "node:assert/strict";
import { test } from "node:test";
import { readEnvFile } from "./env-file.ts";
import { expand, expandAll } from "./expand.ts";

const variables = { A: "a", EMPTY: "", REF: "$(A)" };

test("expand: references, escapes, and what is neither", () => {
  const cases: Readonly<Record<string, string>> = {
    "$(A)": "a",
    "x$(A)y$(A)": "xaya",
    "$(EMPTY)": "",
    "$(NONE)": "$(NONE)",
    "$$(A)": "$(A)",
    "$$$(A)": "$a",
    "$$$$(A)": "$$(A)",
    $A: "$A",
    "$(A": "$(A",
    $: "$",
    // Once: what comes out is not looked at again.
    "$(REF)": "$(A)",
    "$()": "$()",
    "$(toString)": "$(toString)",
  };
  for (const [text, wanted] of Object.entries(cases)) assert.deepEqual(expandAll([text], variables), [wanted], text);
  assert.equal(
    expand("$(A)", () => undefined),
    "$(A)",
  );
});

test("readEnvFile: quoted values, over several lines; what is wrong is told with its line", () => {
  const file = "# comment\nA='one'\nB='two\nlines' # more\n  C='x'\n";
  assert.equal(readEnvFile(file, "A"), "one");
  assert.equal(readEnvFile(file, "B"), "two\nlines");
  assert.equal(readEnvFile(file, "C"), "x");
  assert.equal(readEnvFile(file, "D"), undefined);
  for (const broken of ["A", "='x'", "A ='x'", "A=x", "A='x", "A='x' y"]) {
    assert.throws(() => readEnvFile(broken, "A"), /^Error: invalid environment variable format at line 1: /, broken);
  }
});
