import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePattern } from "./regular-expression.ts";

test("compilePattern: Go's syntax, found anywhere", () => {
  assert.equal(compilePattern("b+").matches("abc"), true);
  assert.equal(compilePattern("^b+$").matches("abc"), false);
  assert.equal(compilePattern("(?i)^\\pL+$").matches("Ärger"), true);
  assert.equal(compilePattern("^[[:alpha:]]+\\z").matches("abc"), true);
  assert.deepEqual(compilePattern("[0-9]*").findAll("a12b3", -1), ["", "12", "3"]);
  assert.deepEqual(compilePattern("[0-9]+").findAll("a12b3", 1), ["12"]);
});

test("compilePattern: what is no pattern, in Go's words", () => {
  const problemOf = (pattern: string) => compilePattern(pattern).problem;
  assert.equal(problemOf("a(b"), "error parsing regexp: missing closing ): `a(b`");
  assert.equal(problemOf("(?=a)"), "error parsing regexp: invalid or unsupported Perl syntax: `(?=`");
  assert.equal(problemOf("a**"), "error parsing regexp: invalid nested repetition operator: `**`");
  assert.equal(problemOf("a{1001}"), "error parsing regexp: invalid repeat count: `{1001}`");
  assert.equal(problemOf("\\8"), "error parsing regexp: invalid escape sequence: `\\8`");
  assert.equal(compilePattern("a(b").matches("ab"), false);
});

test("compilePattern: a pattern that makes backtracking engines hang", () => {
  const text = "a".repeat(20_000);
  assert.equal(compilePattern("^(a+)+b$").matches(text), false);
  assert.equal(compilePattern("(x+x+)+y").matches("x".repeat(20_000)), false);
});
