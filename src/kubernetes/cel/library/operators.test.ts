import { test } from "node:test";
import { runCases } from "../testing/run-cases.ts";

test("arithmetic", () => {
  runCases({
    "-7 / 2": "-3",
    "-7 % 2": "-1",
    "7 / 2": "3",
    "7.0 / 2.0": "3.5",
    "1.0 / 0.0": "+Inf",
    "-1.0 / 0.0": "-Inf",
    "'a' + 'b'": '"ab"',
    "b'a' + b'b'": 'b"ab"',
    "[1] + [2] + []": "[1, 2]",
    "-(1.5)": "-1.5",
    "2u * 3u": "6u",
  });
});

test("arithmetic: overflow and division by zero", () => {
  runCases({
    "9223372036854775807 + 1": "integer overflow",
    "-9223372036854775808 - 1": "integer overflow",
    "9223372036854775807 * 2": "integer overflow",
    "-(-9223372036854775807 - 1)": "integer overflow",
    "(-9223372036854775807 - 1) / -1": "integer overflow",
    "(-9223372036854775807 - 1) % -1": "integer overflow",
    "1u - 2u": "unsigned integer overflow",
    "18446744073709551615u + 1u": "unsigned integer overflow",
    "18446744073709551615u * 2u": "unsigned integer overflow",
    "1 / 0": "division by zero",
    "1 % 0": "modulus by zero",
    "1u / 0u": "division by zero",
    "1u % 0u": "modulus by zero",
  });
});

test("equality", () => {
  runCases({
    "1 == dyn(1.0)": "true",
    "1 == dyn(1u)": "true",
    "dyn(1) == 1.5": "false",
    "dyn(9223372036854775807) == 9223372036854775807.0": "true",
    "0.0 / 0.0 == 0.0 / 0.0": "false",
    "0.0 == -0.0": "true",
    "dyn('a') == 1": "false",
    "dyn(null) == 1": "false",
    "[1, 2] == [1, 2]": "true",
    "[1, 2] == [2, 1]": "false",
    "{'a': [1]} == {'a': [1]}": "true",
    "{1: 2} == dyn({1.0: 2})": "true",
    "dyn([1]) == [1.0]": "true",
    "'a' != 'b'": "true",
    "type(1) == type(2)": "true",
  });
});

test("order", () => {
  runCases({
    "1 < 1.5": "true",
    "2u > -1": "true",
    "9223372036854775807 < 9223372036854775808u": "true",
    "'a' < 'b'": "true",
    "'\\U0001F600' > '\\uffff'": "true",
    "b'a' < b'b'": "true",
    "false < true": "true",
    "1.5 >= 1.5": "true",
    "0.0 / 0.0 < 1.0": "NaN values cannot be ordered",
    "dyn('a') < 1": "no such overload",
  });
});

test("membership and indexing", () => {
  runCases({
    "3 in [1, 2, 3]": "true",
    "4 in [1, 2, 3]": "false",
    "'a' in {'a': 1}": "true",
    "1.0 in dyn([1, 2])": "true",
    "1 in dyn({1u: 'x'})": "true",
    "[1][1]": "index out of bounds: 1",
    "[1][-1]": "index out of bounds: -1",
    "dyn([1])[0.0]": "1",
    "dyn([1])[0.5]": "unsupported index value 0.5 in list",
    "dyn({1: 'a'})[1u]": '"a"',
    "{'a': 1}['b']": "no such key: b",
    "{'a': 1}.b": "no such key: b",
    "dyn(1).a": "no such key: a",
    "dyn([1]).a": "unsupported index type 'string' in list",
    "has({'a': 1}.a)": "true",
    "has(dyn(1).a)": "false",
  });
});

test("logic: an answer outweighs an error", () => {
  runCases({
    "false && 1 / 0 == 1": "false",
    "1 / 0 == 1 && false": "false",
    "true || 1 / 0 == 1": "true",
    "1 / 0 == 1 || true": "true",
    "1 / 0 == 1 || false": "division by zero",
    "1 / 0 == 1 && true": "division by zero",
    "dyn(1) && true": "no such overload",
    "dyn(1) || true": "true",
    "true ? 1 : 1 / 0": "1",
    "1 / 0 == 1 ? 1 : 2": "division by zero",
    "dyn(1) ? 1 : 2": "no such overload",
  });
});

test("comprehensions", () => {
  runCases({
    "[1, 0].all(x, 1 / x > 2)": "false",
    "[0, 1].all(x, 1 / x > 2)": "false",
    "[0, 1].exists(x, 1 / x == 1)": "true",
    "[0].exists(x, 1 / x == 1)": "division by zero",
    "[].all(x, x)": "true",
    "[].exists(x, x)": "false",
    "[1, 2, 2].exists_one(x, x == 2)": "false",
    "[1, 2, 3].exists_one(x, x == 2)": "true",
    "[1, 2].map(x, x > 1, x * 10)": "[20]",
    "[1, 2, 3].filter(x, x % 2 == 1)": "[1, 3]",
    "{'a': 1, 'b': 2}.map(k, k)": '["a", "b"]',
    "{'a': 1, 'b': 2}.filter(k, k != 'a')": '["b"]',
    "{'a': 1}.all(k, k == 'a')": "true",
    "[[1, 2], [3]].map(x, x.map(y, y + size(x)))": "[[3, 4], [4]]",
  });
});

test("comprehensions of two variables", () => {
  runCases({
    "[1, 2, 3].exists(i, v, i == 2 && v == 3)": "true",
    "{'a': 1}.all(k, v, v == 1)": "true",
    "[1, 1].existsOne(i, v, i == 1)": "true",
    "[1, 2].transformList(i, v, i * v)": "[0, 2]",
    "[1, 2].transformList(i, v, i > 0, v)": "[2]",
    "{'a': 1}.transformMap(k, v, v + 1)": '{"a": 2}',
    "{'a': 1, 'b': 2}.transformMap(k, v, v > 1, k)": '{"b": "b"}',
    "{'a': 1}.transformMapEntry(k, v, {v: k})": '{1: "a"}',
    "{'a': 1, 'b': 1}.transformMapEntry(k, v, {v: k})": "insert failed: key 1 already exists",
  });
});
