import assert from "node:assert/strict";
import test from "node:test";
import { goTypeOf, printGo, printGoNumber, printGoSyntax } from "./go-print.ts";

test("printGo: writes maps in the order of their keys, lists with blanks between", () => {
  assert.equal(printGo({ b: ["x", "y z"], a: 1, c: null, d: { e: true } }), "map[a:1 b:[x y z] c:<nil> d:map[e:true]]");
  assert.equal(printGo("as it is"), "as it is");
  assert.equal(printGo(9_007_199_254_740_993n), "9007199254740993");
});

test("printGoNumber: whole numbers stay whole as int64 and take an exponent early as float64", () => {
  assert.equal(printGoNumber(1_000_000), "1000000");
  assert.equal(printGoNumber(1_000_000, "float64"), "1e+06");
  assert.equal(printGoNumber(123_456_789, "float64"), "1.23456789e+08");
  assert.equal(printGoNumber(999_999, "float64"), "999999");
  assert.equal(printGoNumber(0.00001), "1e-05");
  assert.equal(printGoNumber(-2.5), "-2.5");
});

test("printGoSyntax: writes values as Go source", () => {
  assert.equal(
    printGoSyntax({ a: [1, "x", null] }),
    'map[string]interface {}{"a":[]interface {}{1, "x", interface {}(nil)}}',
  );
  assert.equal(printGoSyntax(true), "true");
});

test("goTypeOf: names the type encoding/json would decode to", () => {
  assert.deepEqual(
    ["x", true, 1, 1.5, null, [], {}].map((value) => goTypeOf(value)),
    ["string", "bool", "int64", "float64", "<nil>", "[]interface {}", "map[string]interface {}"],
  );
  assert.equal(goTypeOf(1, "float64"), "float64");
});
