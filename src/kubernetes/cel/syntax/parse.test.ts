import assert from "node:assert/strict";
import { test } from "node:test";
import { problemCases, run, runCases } from "../testing/run-cases.ts";

test("parse: precedence", () => {
  runCases({
    "2 + 3 * 4 - 6 / 3": "12",
    "-2 * 3": "-6",
    "--2": "2",
    "!true || true": "true",
    "!!true": "true",
    "1 < 2 && 2 < 3": "true",
    "true ? 1 : false ? 2 : 3": "1",
    "false ? 1 : false ? 2 : 3": "3",
    "1 + 1 == 2 ? 'yes' : 'no'": '"yes"',
    "2 in [1, 2] == true": "true",
    "[1, 2, 3][1] + {'a': 4}.a": "6",
    "10 % 4 * 2": "4",
    "7 - 3 - 2": "2",
  });
});

test("parse: literals", () => {
  runCases({
    "0x1F": "31",
    "-0x10": "-16",
    "0xffu": "255u",
    "7u": "7u",
    "-9223372036854775808": "-9223372036854775808",
    "18446744073709551615u": "18446744073709551615u",
    "1.5e3": "1500.0",
    ".5": "0.5",
    "'a\\tb\\u00e9\\U0001F600\\x41\\101'": '"a\\tb\u00e9\u{1F600}AA"',
    "r'a\\tb'": '"a\\\\tb"',
    '"""one "two" three"""': '"one \\"two\\" three"',
    "'''x\ny'''": '"x\\ny"',
    "b'a\\xff\\303\\251'": 'b"a\u00ff\u00c3\u00a9"',
    "b'\u00e9' == b'\\303\\251'": "true",
    "size('\u{1F600}')": "1",
    null: "null",
    "[1, 2,]": "[1, 2]",
    "{'a': 1,}": '{"a": 1}',
    "1 // a remark\n + 2": "3",
  });
});

test("parse: optional entries", () => {
  runCases({
    "[?optional.of(1), ?optional.none(), 2]": "[1, 2]",
    "{?'a': optional.of(1), ?'b': optional.none()}": '{"a": 1}',
    "{'a': {'b': 1}}.?a.?b.value()": "1",
    "{'a': {'b': 1}}.?c.b.hasValue()": "false",
    "[1, 2][?5].orValue(9)": "9",
  });
});

test("parse: what cannot be read", () => {
  problemCases({
    "": "1:0: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    "1 +":
      "1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    "1 2": "1:3: Syntax error: extraneous input '2' expecting <EOF>",
    "(1": "1:3: Syntax error: missing ')' at '<EOF>'",
    "1 # 2": "1:3: Syntax error: token recognition error at: '#'",
    "'open": "1:1: Syntax error: token recognition error at: ''open'",
    "a.b.": "1:5: Syntax error: no viable alternative at input '.'",
    "[1, 2].map(a.b, 1)": "1:13: argument is not an identifier",
    "has(a)": "1:5: invalid argument to has() macro",
    "99999999999999999999": "1:1: invalid int literal",
    "99999999999999999999u": "1:1: invalid uint literal",
    "1.99e90000009": "1:1: invalid double literal",
    "1 + while": "1:5: reserved identifier: while",
    "\n\n  1 +\n  )":
      "4:3: Syntax error: mismatched input ')' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
  });
});

test("parse: the place is shown below its line", () => {
  assert.equal(run("1 +\n  while"), "ERROR: <input>:2:3: reserved identifier: while\n |   while\n | ..^");
});

test("parse: limits of length and depth", () => {
  const nest = (depth: number) => "(".repeat(depth) + "1" + ")".repeat(depth);
  assert.equal(run(nest(40)), "1");
  assert.match(run(nest(5000)), /expression recursion limit exceeded: 250/);
  assert.match(run(`${"!".repeat(10_001)}true`), /./);
  assert.match(run(`'${"a".repeat(100_001)}'`), /expression code point size exceeds limit: size: 100003, limit 100000/);
  assert.equal(run(`${"1 + ".repeat(200)}1`), "201");
});
