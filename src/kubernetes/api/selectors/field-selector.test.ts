import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../testing/random.ts";
import { parseFieldSelector } from "./field-selector.ts";
import { SelectorError } from "./requirement.ts";

test("parseFieldSelector: reads every form and writes it canonically", () => {
  const forms: Record<string, string> = {
    "": "",
    "b=2,a==1,,c!=3": "a=1,b=2,c!=3",
    "a=x\\,y\\=z\\\\": "a=x\\,y\\=z\\\\",
    "a!b=c": "a!b=c",
    "=": "",
    "=x": "=x",
  };
  for (const [text, form] of Object.entries(forms)) assert.equal(parseFieldSelector(text).toString(), form, text);
});

test("parseFieldSelector: refuses in upstream's words", () => {
  const wrong: Record<string, string> = {
    "a=1,b": "invalid selector: 'a=1,b'; can't understand 'b'",
    "a=b=c": "invalid field selector: unescaped character in value: 61",
    "a=\\x": "invalid field selector: invalid escape sequence: \\x",
    "a=\\": "invalid field selector: invalid escape sequence: \\",
  };
  for (const [text, message] of Object.entries(wrong)) {
    assert.throws(() => parseFieldSelector(text), { name: "SelectorError", message }, text);
  }
});

test("matches, exactValue: compare an object's values", () => {
  const selector = parseFieldSelector("metadata.name=a\\,b,status.phase!=Running");
  const matches = (values: Record<string, string>) => selector.matches((field) => values[field] ?? "");
  assert.equal(matches({ "metadata.name": "a,b" }), true);
  assert.equal(matches({ "metadata.name": "a,b", "status.phase": "Running" }), false);
  assert.equal(matches({}), false);
  assert.equal(selector.exactValue("metadata.name"), "a,b");
  assert.equal(selector.exactValue("status.phase"), undefined);
});

test("parseFieldSelector: survives anything, and reads again what it wrote", () => {
  const random = createRandom(3);
  const parts = ["a", "b.c", "=", "!=", "\\", ",", "é", "😀", " "];
  for (let count = 0; count < 5000; count++) {
    const text = Array.from({ length: random.below(10) }, () => random.pick(parts)).join("");
    try {
      const form = parseFieldSelector(text).toString();
      // A field, unlike a value, cannot be escaped.
      if (!form.includes("\\")) assert.equal(parseFieldSelector(form).toString(), form, text);
    } catch (error) {
      assert.ok(error instanceof SelectorError, `${text}: ${error}`);
    }
  }
});
