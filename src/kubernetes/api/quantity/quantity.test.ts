import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../testing/random.ts";
import { canonicalizeQuantity, formatQuantity } from "./format.ts";
import { parseQuantity, QuantityError } from "./parse.ts";
import {
  addQuantities,
  compareQuantities,
  makeQuantity,
  multiplyQuantity,
  roundUpQuantity,
  scaledValue,
  signOf,
  subtractQuantities,
  zeroQuantity,
} from "./quantity.ts";
import { quantityMilliValue, quantityValue } from "./values.ts";

test("canonicalizeQuantity: writes what the API answers", () => {
  const forms: Record<string, string> = {
    "0": "0",
    "-0": "0",
    "1": "1",
    "100m": "100m",
    "0.1": "100m",
    "1.5": "1500m",
    "1000m": "1",
    "1000": "1k",
    "1500": "1500",
    "1234567": "1234567",
    "12e6": "12e6",
    "12000e3": "12e6",
    "1E3": "1E3",
    "1Ki": "1Ki",
    "1024": "1024",
    "1024Ki": "1Mi",
    "1.5Gi": "1536Mi",
    "0.5Ki": "512",
    "0.0001Ki": "102400u",
    "1.0001Mi": "1048680857600u",
    "16Ei": "9223372036854775807",
    "0.0000000001": "1n",
    "-0.5": "-500m",
    // Kept as written by upstream's test for canonical texts.
    "1.500": "1.500",
    "+1": "+1",
    "0100m": "0100m",
    // Read leniently.
    ".": "0",
    k: "0",
    "1.G": "1.G",
  };
  for (const [text, form] of Object.entries(forms)) assert.equal(canonicalizeQuantity(text), form, text);
});

test("parseQuantity: refuses in upstream's words", () => {
  const format = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  const wrong: Record<string, string> = {
    "": format,
    " 1": format,
    abc: format,
    "1e5.5": format,
    "1e": "unable to parse quantity's suffix",
    "1K": "unable to parse quantity's suffix",
    "1e99999999999999999999": "unable to parse quantity's suffix",
    Pi: "unable to parse numeric part of quantity",
  };
  for (const [text, message] of Object.entries(wrong)) {
    assert.throws(() => parseQuantity(text), { name: "QuantityError", message }, text);
  }
});

test("addQuantities, subtractQuantities: are exact and keep the first one's format", () => {
  const add = (a: string, b: string) => formatQuantity(addQuantities(parseQuantity(a), parseQuantity(b)));
  const subtract = (a: string, b: string) => formatQuantity(subtractQuantities(parseQuantity(a), parseQuantity(b)));
  assert.equal(add("100m", "0.9"), "1");
  assert.equal(add("1Gi", "512M"), "1548576Ki");
  assert.equal(add("0", "1Gi"), "1Gi");
  assert.equal(add("9223372036854775807", "1"), "9223372036854775808");
  assert.equal(subtract("1", "1n"), "999999999n");
  assert.equal(subtract("1Gi", "1Gi"), "0");
  assert.equal(add("1e2000", "1"), "100e1998");
});

test("compareQuantities: compares numbers, not texts", () => {
  const compare = (a: string, b: string) => compareQuantities(parseQuantity(a), parseQuantity(b));
  assert.equal(compare("1", "1000m"), 0);
  assert.equal(compare("1Ki", "1k"), 1);
  assert.equal(compare("-1", "1n"), -1);
  assert.equal(compare("1e1000000000", "2e1000000000"), -1);
  assert.equal(compare("-1e1000000000", "1"), -1);
  assert.equal(signOf(parseQuantity("-1n")), -1);
});

test("scaledValue, roundUpQuantity: round away from zero", () => {
  assert.equal(scaledValue(parseQuantity("1.1"), 0), 2n);
  assert.equal(scaledValue(parseQuantity("-1.1"), 0), -2n);
  assert.equal(scaledValue(parseQuantity("1n"), 0), 1n);
  assert.equal(scaledValue(parseQuantity("1.5Gi"), 0), 1610612736n);
  assert.equal(formatQuantity(roundUpQuantity(parseQuantity("1100u"), -3)), "2m");
  assert.equal(formatQuantity(multiplyQuantity(makeQuantity(250, -3), 4)), "1");
  assert.equal(formatQuantity(zeroQuantity), "0");
});

test("quantityValue, quantityMilliValue: answer numbers", () => {
  assert.equal(quantityValue("1500m"), 2);
  assert.equal(quantityMilliValue("1.5"), 1500);
  assert.equal(quantityMilliValue("1e1000000000"), Infinity);
  assert.equal(quantityValue(undefined), 0);
  assert.throws(() => quantityValue("x"), QuantityError);
});

test("parseQuantity: survives anything, and reads again what it wrote", () => {
  const random = createRandom(1);
  const alphabet = ["0", "1", "9", ".", "-", "+", "e", "E", "K", "i", "M", "m", "n", "u", "G", "P", " ", "x"];
  for (let count = 0; count < 5000; count++) {
    const text = Array.from({ length: random.below(12) }, () => random.pick(alphabet)).join("");
    try {
      const quantity = parseQuantity(text);
      // Above 10^18 upstream's decimal form loses its suffix.
      if (quantity.exponent < 1)
        assert.equal(compareQuantities(parseQuantity(formatQuantity(quantity)), quantity), 0, text);
    } catch (error) {
      assert.ok(error instanceof QuantityError, `${text}: ${error}`);
    }
  }
});
