import assert from "node:assert/strict";
import { test } from "node:test";
import { marshalGo, quote } from "./go-format.ts";

test("quote: escapes as strconv.Quote", () => {
  const cases: Record<string, string> = {
    "plain ~": '"plain ~"',
    'a"b\\': '"a\\"b\\\\"',
    "\u0007\b\f\n\r\t\v": '"\\a\\b\\f\\n\\r\\t\\v"',
    "\u0000\u001f\u007f": '"\\x00\\x1f\\x7f"',
    "é日<&>": '"é日<&>"',
    "\u00a0\u200b\ufeff": '"\\u00a0\\u200b\\ufeff"',
    "😀\u{e0001}": '"😀\\U000e0001"',
    "\ud800": '"\\ufffd"',
  };
  for (const [text, quoted] of Object.entries(cases)) assert.equal(quote(text), quoted);
});

test("marshalGo: escapes as encoding/json", () => {
  assert.equal(
    marshalGo({ a: "<b>&\u2028", c: 2n ** 60n }),
    '{"a":"\\u003cb\\u003e\\u0026\\u2028","c":1152921504606846976}',
  );
  assert.equal(marshalGo(undefined), "null");
});
