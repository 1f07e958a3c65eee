import { test } from "node:test";
import { runCases } from "../../testing/run-cases.ts";

test("optionals", () => {
  runCases({
    "optional.of(1)": "optional.of(1)",
    "optional.none()": "optional.none()",
    "optional.ofNonZeroValue(0)": "optional.none()",
    "optional.ofNonZeroValue('a')": 'optional.of("a")',
    "optional.ofNonZeroValue({})": "optional.none()",
    "optional.of(1).hasValue()": "true",
    "optional.of(1).value()": "1",
    "optional.none().value()": "optional.none() dereference",
    "optional.of(1).orValue(2)": "1",
    "optional.none().orValue(2)": "2",
    "optional.none().or(optional.of(3))": "optional.of(3)",
    "optional.of(2).optMap(x, x * 2)": "optional.of(4)",
    "optional.none().optMap(x, x * 2)": "optional.none()",
    "optional.of(2).optFlatMap(x, x > 2 ? optional.of(x) : optional.none())": "optional.none()",
    "[optional.of(1), optional.none()].unwrapOpt()": "[1]",
    "optional.unwrap([optional.of(1), optional.none()])": "[1]",
    "optional.of([1]) == optional.of([1])": "true",
    "optional.of(1) == optional.none()": "false",
    "{'a': {'b': 1}}.?a.b": "optional.of(1)",
    "{'a': {'b': 1}}.?x.b": "optional.none()",
    "{'a': 1}[?'a']": "optional.of(1)",
    "[1][?1]": "optional.none()",
    "has({'a': {'b': 1}}.?a.b)": "true",
  });
});
