import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, mutate } from "../testing/random.ts";
import { formatYaml } from "./format.ts";
import { parseYamlBody, parseYamlDocuments, YamlError } from "./parse.ts";

test("parseYamlBody: reads words as Kubernetes does", () => {
  const words: Record<string, unknown> = {
    yes: true,
    y: true,
    Off: false,
    "~": null,
    Null: null,
    "0644": 420,
    "0o17": 15,
    "0x1F": 31,
    "0b11": 3,
    "1_000": 1000,
    "08": 8,
    "1e3": 1000,
    ".5": 0.5,
    "9223372036854775807": 9223372036854775807n,
    "12:30:45": "12:30:45",
    "2001-01-01": "2001-01-01",
    "'5'": "5",
    "!!str 5": "5",
    "!!int '7'": 7,
    "!mine x": "x",
    "!!binary aGk=": "hi",
    _1: "_1",
    "<<": "<<",
  };
  for (const [text, value] of Object.entries(words)) {
    assert.deepEqual(parseYamlBody(`k: ${text}`).value, { k: value }, text);
  }
});

test("parseYamlBody: makes keys text, and merges", () => {
  assert.deepEqual(parseYamlBody("5: a\ntrue: b\n1.5: c").value, { "5": "a", true: "b", "1.5": "c" });
  assert.deepEqual(parseYamlBody("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2").value, { a: { b: 1 }, c: { b: 1, d: 2 } });
  const { value } = parseYamlBody("__proto__: {a: 1}");
  assert.deepEqual(Object.keys(value as object), ["__proto__"]);
});

test("parseYamlBody: takes the first document", () => {
  assert.equal(parseYamlBody("").value, null);
  assert.deepEqual(parseYamlBody("a: 1\n---\nb: 2").value, { a: 1 });
  assert.deepEqual(parseYamlDocuments("---\na: 1\n---\n# nothing\n---\nb: 2\n"), [{ a: 1 }, { b: 2 }]);
});

test("parseYamlBody: lists keys that occur twice in upstream's words", () => {
  const { value, duplicates } = parseYamlBody("a: 1\na: 2\nb:\n  c: 1\n  c:\n    d: 2\n5: x\n5: z\n");
  assert.deepEqual(value, { a: 2, b: { c: { d: 2 } }, "5": "z" });
  assert.deepEqual(duplicates, [
    'yaml: unmarshal errors:\n  line 2: key "a" already set in map\n  line 6: key "c" already set in map\n  line 8: key 5 already set in map',
  ]);
});

test("parseYamlBody: gives each alias its own copy, but not without end", () => {
  const value = parseYamlBody("a: &x [1]\nb: *x").value as { a: unknown[]; b: unknown[] };
  assert.notEqual(value.a, value.b);
  const laughs = Array.from({ length: 9 }, (_, n) => `x${n}: &x${n} [${Array(9).fill(n ? `*x${n - 1}` : "lol")}]`);
  assert.throws(() => parseYamlBody(laughs.join("\n")), { message: "yaml: document contains excessive aliasing" });
  assert.throws(() => parseYamlBody("a: &x [*x]"), YamlError);
});

test("parseYamlBody: refuses what is broken or what JSON has not", () => {
  for (const text of ["a: [1", "a: b: c", "a: *nope", "? [a]\n: b", "~: 1", "a: .nan", "[".repeat(2000)]) {
    assert.throws(() => parseYamlBody(text), YamlError, text);
  }
  assert.throws(() => parseYamlBody("a: -.inf"), { message: "json: unsupported value: -Inf" });
});

test("formatYaml: sorts keys and quotes what would be misread", () => {
  const value = { b: ["x", { d: 1, c: [] }], a10: "yes", a2: "5", e: "", f: "a: b", g: "l1\nl2\n", h: null, i: "x" };
  assert.equal(
    formatYaml(value),
    `a2: "5"
a10: "yes"
b:
- x
- c: []
  d: 1
e: ""
f: 'a: b'
g: |
  l1
  l2
h: null
i: x
`,
  );
});

test("formatYaml: breaks long lines, quotes and escapes as go-yaml does", () => {
  const long = `${"word ".repeat(18)}end`;
  const value = {
    double: `\t${long}  x`,
    kept: "x\n\n",
    [`long${"k".repeat(130)}`]: [{ "a: b": "c" }],
    plain: long,
    single: `'${long}`,
    strange: ["\n one\ntwo", "x \ny", "é \u{1F600}", "-", "---", "a #x", "a: x", "a:x"],
    words: ["2020-01-01", "2020-13-01", "1:30", "<<", "Yes", "yesterday"],
    xNumbers: [1, 1.5, 1e6 + 0.5],
  };
  assert.equal(
    formatYaml(value),
    String.raw`double: "\tword word word word word word word word word word word word word word word
  word word word end  x"
kept: |+
  x

? long${"k".repeat(130)}
: - 'a: b': c
plain: word word word word word word word word word word word word word word word
  word word word end
single: '''word word word word word word word word word word word word word word word
  word word word end'
strange:
- |2-

   one
  two
- "x \ny"
- "é \U0001F600"
- '-'
- '---'
- 'a #x'
- 'a: x'
- a:x
words:
- "2020-01-01"
- 2020-13-01
- "1:30"
- <<
- "Yes"
- yesterday
xNumbers:
- 1
- 1.5
- 1.0000005e+06
`,
  );
});

test("parseYamlBody: survives anything, and reads again what formatYaml wrote", () => {
  const random = createRandom(7);
  const start = Buffer.from(
    "a: &x\n  - 1\n  - {b: 'x', \"c\": ~}\nd: |\n  text\n   more\ne: *x\n<<: {f: !!str 5}\n? g\n: 0644 # end\n",
  );
  for (let count = 0; count < 2000; count++) {
    const bytes = mutate(start, random);
    try {
      const { value } = parseYamlBody(bytes);
      assert.deepEqual(parseYamlBody(formatYaml(value)).value, value);
    } catch (error) {
      assert.ok(error instanceof YamlError, `${Buffer.from(bytes)}: ${error}`);
    }
  }
});
