import assert from "node:assert/strict";
import { test } from "node:test";
import { intValue, parseIntOrString, scaleIntOrPercent } from "./int-or-string.ts";

test("parseIntOrString: a number of 32 bits, else the text", () => {
  assert.equal(parseIntOrString("80"), 80);
  assert.equal(parseIntOrString("-1"), -1);
  assert.equal(parseIntOrString("2147483648"), "2147483648");
  assert.equal(parseIntOrString("http"), "http");
});

test("intValue: 0 for what is no number", () => {
  assert.equal(intValue(5), 5);
  assert.equal(intValue("5"), 5);
  assert.equal(intValue("50%"), 0);
});

test("scaleIntOrPercent: rounds percentages up or down", () => {
  assert.equal(scaleIntOrPercent(3, 10, true), 3);
  assert.equal(scaleIntOrPercent("25%", 10, true), 3);
  assert.equal(scaleIntOrPercent("25%", 10, false), 2);
  assert.equal(scaleIntOrPercent("100%", 7, false), 7);
});

test("scaleIntOrPercent: refuses in upstream's words", () => {
  const wrong: Record<string, string> = {
    "5": "invalid value for IntOrString: invalid type: string is not a percentage",
    "x%": 'invalid value for IntOrString: invalid value "x%": strconv.Atoi: parsing "x": invalid syntax',
    "99999999999999999999%":
      'invalid value for IntOrString: invalid value "99999999999999999999%": strconv.Atoi: parsing "99999999999999999999": value out of range',
  };
  for (const [text, message] of Object.entries(wrong)) {
    assert.throws(() => scaleIntOrPercent(text, 10, true), { name: "IntOrStringError", message });
  }
});
