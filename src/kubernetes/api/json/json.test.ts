import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, mutate } from "../testing/random.ts";
import { schemaOfKind } from "../types-table.ts";
import { encodeJson } from "./encode.ts";
import { JsonError, mostNestedJson, parseJson, parseJsonValue } from "./parse.ts";
import { listStrictProblems } from "./strict-problems.ts";

test("parseJson: lists fields that occur twice, with their paths", () => {
  const duplicates = (text: string) => parseJson(text).duplicates;
  assert.deepEqual(duplicates('{"a":1,"b":{"a":2}}'), []);
  assert.deepEqual(duplicates('{"a":1,"a":2}'), ['duplicate field "a"']);
  assert.deepEqual(duplicates('{"data":{"k":"1","k":"2","k":"3"}}'), ['duplicate field "data.k"']);
  assert.deepEqual(duplicates('{"l":[{},{"x":1,"x":{"y":1,"y":2}}]}'), [
    'duplicate field "l[1].x"',
    'duplicate field "l[1].x.y"',
  ]);
});

test("parseJson: is not misled by strings and spaces", () => {
  const none = ['{"a" : 1, "b":2}', '{"a":"\\":","b":"x:y\\\\"}', '{"a\\\\":1,"b":2}', '{"a":"{\\"b\\":1,\\"b\\":2}"}'];
  for (const text of none) assert.deepEqual(parseJson(text).duplicates, [], text);
  const some = ['{"a" : 1, "a" :2}', '{"a\\\\":1,"a\\\\":2}', '{"a":":\\"","a":"\\":"}', '{"\\u0061":1,"a":2}'];
  for (const text of some) assert.equal(parseJson(text).duplicates.length, 1, text);
});

test("parseJson: keeps integers exact and strings well formed", () => {
  const { value } = parseJson('{"a":9223372036854775807,"b":-9007199254740993,"d":"\\ud800x","e":123}');
  assert.deepEqual(value, { a: 9223372036854775807n, b: -9007199254740993n, d: "\ufffdx", e: 123 });
  assert.equal(parseJsonValue("18446744073709551616"), 2 ** 64);
});

test("parseJson: refuses in Go's words", () => {
  const wrong: Record<string, string> = {
    "": "unexpected end of JSON input",
    "{not json": "invalid character 'n' looking for beginning of object key string",
    "{": "unexpected end of JSON input",
    "[1,]": "invalid character ']' looking for beginning of value",
    '{"a" 1}': "invalid character '1' after object key",
    '{"a":1 "b"}': "invalid character '\"' after object key:value pair",
    "[1 2]": "invalid character '2' after array element",
    "{} x": "invalid character 'x' after top-level value",
    "01": "invalid character '1' after top-level value",
    "-x": "invalid character 'x' in numeric literal",
    "1.x": "invalid character 'x' after decimal point in numeric literal",
    "1ex": "invalid character 'x' in exponent of numeric literal",
    trux: "invalid character 'x' in literal true (expecting 'e')",
    '"\n"': "invalid character '\\n' in string literal",
    '"\\x"': "invalid character 'x' in string escape code",
    '"\\u12g4"': "invalid character 'g' in \\u hexadecimal character escape",
    "'a'": "invalid character '\\'' looking for beginning of value",
    "\ufeff{}": "invalid character 'ï' looking for beginning of value",
  };
  for (const [text, message] of Object.entries(wrong)) {
    assert.throws(() => parseJson(Buffer.from(text)), { name: "JsonError", message }, text);
  }
});

test("parseJson: refuses deep nesting", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assert.ok(parseJson(nested(mostNestedJson)));
  assert.throws(() => parseJson(nested(mostNestedJson + 1)), { name: "JsonError", message: "exceeded max depth" });
  assert.throws(() => parseJson(nested(100_000)), { name: "JsonError" });
  assert.throws(() => parseJson("[".repeat(100_000)), {
    name: "JsonError",
    message: "invalid character '[' exceeded max depth",
  });
});

test("listStrictProblems: finds unknown and duplicate fields in the text's order", () => {
  const text =
    '{"kind":"ConfigMap","x":{"y":1,"y":2},"data":{"k":"1","k":"2"},"metadata":{"name":"a","name":"b","z":1},"x":1}';
  assert.deepEqual(listStrictProblems(text, schemaOfKind("", "v1", "ConfigMap")), [
    'unknown field "x"',
    'duplicate field "data.k"',
    'duplicate field "metadata.name"',
    'unknown field "metadata.z"',
  ]);
});

test("encodeJson: writes bigints as numbers", () => {
  assert.equal(encodeJson({ a: 9223372036854775807n, b: undefined, c: "é" }), '{"a":9223372036854775807,"c":"é"}');
  assert.equal(encodeJson(undefined), "null");
  const circle: { self?: unknown } = {};
  circle.self = circle;
  assert.throws(() => encodeJson(circle), TypeError);
});

test("parseJson: survives anything, and agrees with JSON.parse", () => {
  const random = createRandom(6);
  const start = Buffer.from(
    '{"a":[1,-2.5e3,"x\\n\\u00e9",{"b":null,"c":true}],"d":{"e":12345678901234567890},"a":"é"}',
  );
  for (let count = 0; count < 5000; count++) {
    const bytes = mutate(start, random);
    try {
      const { value } = parseJson(bytes);
      assert.deepEqual(parseJson(encodeJson(value)).value, value);
    } catch (error) {
      assert.ok(error instanceof JsonError, `${Buffer.from(bytes)}: ${error}`);
      assert.throws(() => JSON.parse(Buffer.from(bytes).toString()), SyntaxError);
    }
  }
});
