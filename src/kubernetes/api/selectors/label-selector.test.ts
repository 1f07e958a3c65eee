import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../testing/random.ts";
import {
  everything,
  formatLabelSelector,
  formatLabels,
  nothing,
  parseSelector,
  selectorOf,
  selectorOfLabels,
} from "./label-selector.ts";
import { SelectorError } from "./requirement.ts";

test("parseSelector: reads every form and writes it canonically", () => {
  const forms: Record<string, string> = {
    "": "",
    a: "a",
    "!a": "!a",
    "a=1": "a=1",
    "a = 1": "a=1",
    "a==1": "a==1",
    "a!=1": "a!=1",
    "a=": "a=",
    "a=,b": "a=,b",
    "a in (y,x)": "a in (x,y)",
    "a in (x,x)": "a in (x)",
    "a notin ()": "a notin ()",
    "a in (,x)": "a in (,x)",
    "a in (x,)": "a in (,x)",
    "a>1": "a>1",
    "a<1": "a<1",
    "in in (in,notin)": "in in (in,notin)",
    "z, a.b/c ,b": "a.b/c,b,z",
  };
  for (const [text, form] of Object.entries(forms)) assert.equal(parseSelector(text).toString(), form, text);
});

test("parseSelector: refuses in upstream's words", () => {
  const wrong: Record<string, string> = {
    "a===x": "unable to parse requirement: found '=', expected: identifier",
    "a b": "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
    "a in b": "unable to parse requirement: found 'b' expected: '('",
    "a in (b": "unable to parse requirement: found '', expected: ',' or ')'",
    "a in (=": "unable to parse requirement: found '=', expected: ',', ')' or identifier",
    "a,": "found '', expected: identifier after ','",
    "a=b c": "found 'c', expected: ',' or 'end of string'",
    "=a": "found '=', expected: !, identifier, or 'end of string'",
    "!": "unable to parse requirement: found '', expected: identifier",
    "a>x": `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
  };
  for (const [text, message] of Object.entries(wrong)) {
    assert.throws(() => parseSelector(text), { name: "SelectorError", message }, text);
  }
  assert.throws(() => parseSelector("a/b/c"), /requirement: <nil>: Invalid value: "a\/b\/c": a valid label key must/);
});

test("matches: asks what each operator means", () => {
  const cases: [selector: string, labels: Record<string, string>, boolean][] = [
    ["a=1", { a: "1" }, true],
    ["a=1", {}, false],
    ["a!=1", {}, true],
    ["a!=1", { a: "1" }, false],
    ["a in (1,2)", { a: "2" }, true],
    ["a notin (1,2)", { a: "3" }, true],
    ["a", { a: "" }, true],
    ["!a", { a: "" }, false],
    ["a>9", { a: "10" }, true],
    ["a>9", { a: "x" }, false],
    ["a<9", {}, false],
    ["a,b=1", { a: "x", b: "1" }, true],
    ["a,b=1", { b: "1" }, false],
    ["constructor", {}, false],
    ["constructor!=x", {}, true],
  ];
  for (const [selector, labels, wanted] of cases) {
    assert.equal(parseSelector(selector).matches(labels), wanted, `${selector} of ${JSON.stringify(labels)}`);
  }
});

test("selectorOf: absent selects nothing, empty selects everything", () => {
  assert.equal(selectorOf(undefined), nothing);
  assert.equal(nothing.matches({}), false);
  assert.equal(selectorOf({}).matches(undefined), true);
  assert.equal(everything.isEmpty, true);
});

test("selectorOf: joins labels and expressions", () => {
  const selector = selectorOf({
    matchLabels: { app: "web" },
    matchExpressions: [
      { key: "tier", operator: "NotIn", values: ["b", "a"] },
      { key: "old", operator: "DoesNotExist" },
    ],
  });
  assert.equal(selector.toString(), "app=web,!old,tier notin (a,b)");
  assert.equal(selector.exactValue("app"), "web");
  assert.equal(selector.exactValue("tier"), undefined);
});

test("selectorOf: refuses in upstream's words", () => {
  const refuse = (operator: string, values: string[] | undefined, message: string) => {
    const expression = values ? { key: "a", operator, values } : { key: "a", operator };
    assert.throws(() => selectorOf({ matchExpressions: [expression] }), { name: "SelectorError", message });
  };
  refuse("Gt", ["1"], '"Gt" is not a valid label selector operator');
  refuse("In", undefined, "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty");
  refuse("Exists", ["x"], 'values: Invalid value: ["x"]: values set must be empty for exists and does not exist');
});

test("formatLabelSelector, formatLabels, selectorOfLabels: write for people", () => {
  assert.equal(formatLabelSelector(undefined), "<none>");
  assert.equal(formatLabelSelector({ matchLabels: { "": "x" } }), "<error>");
  assert.equal(formatLabels({ b: "2", a: "1" }), "a=1,b=2");
  assert.equal(selectorOfLabels({ b: "2", a: "1" }).toString(), "a=1,b=2");
});

test("parseSelector: survives anything, and reads again what it wrote", () => {
  const random = createRandom(2);
  const parts = ["a", "in", "notin", "(", ")", ",", "!", "=", ">", "<", " ", "5", "a.b/c", "é", "\0"];
  for (let count = 0; count < 5000; count++) {
    const text = Array.from({ length: random.below(10) }, () => random.pick(parts)).join("");
    try {
      const form = parseSelector(text).toString();
      assert.equal(parseSelector(form).toString(), form, text);
    } catch (error) {
      assert.ok(error instanceof SelectorError, `${text}: ${error}`);
    }
  }
});
