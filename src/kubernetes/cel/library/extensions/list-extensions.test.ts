import { test } from "node:test";
import { runCases } from "../../testing/run-cases.ts";

test("lists: parts of lists", () => {
  runCases({
    "[1, 2, 3, 4].slice(1, 3)": "[2, 3]",
    "[1, 2].slice(1, 5)": "cannot slice(1, 5), list is length 2",
    "[1, 2].slice(-1, 1)": "cannot slice(-1, 1), negative indexes not supported",
    "[1, 2].first()": "optional.of(1)",
    "[].last().hasValue()": "false",
    "lists.range(4)": "[0, 1, 2, 3]",
    "[1, 2, 3].reverse()": "[3, 2, 1]",
  });
});

test("lists: flat, sorted, each once", () => {
  runCases({
    "[[1, 2], [3]].flatten()": "[1, 2, 3]",
    "[[[1], [2]], [[3]]].flatten(2)": "[1, 2, 3]",
    "[[[1], [2]], [[3]]].flatten()": "[[1], [2], [3]]",
    "[[1]].flatten(-1)": "level must be non-negative",
    "[3, 1, 2].sort()": "[1, 2, 3]",
    "['b', 'a'].sort()": '["a", "b"]',
    "[3, 1, 2].sortBy(x, -x)": "[3, 2, 1]",
    "[{'n': 2}, {'n': 1}].sortBy(x, x.n)": '[{"n": 1}, {"n": 2}]',
    "[1, 1, 2].distinct()": "[1, 2]",
    "[dyn(1), dyn(1.0), dyn(1u), dyn('a')].distinct()": '[1, "a"]',
    "[dyn(1), dyn('a')].sort()": "list elements must have the same type",
  });
});

test("sets", () => {
  runCases({
    "sets.contains([1, 2, 3], [2, 1])": "true",
    "sets.contains([1], [])": "true",
    "sets.contains([1, 2], [3])": "false",
    "sets.equivalent([1, 1, 2], [2, 1])": "true",
    "sets.intersects([1], [2])": "false",
    "sets.intersects([[1], [2]], [[2]])": "true",
  });
});
