import { test } from "node:test";
import { problemCases } from "../testing/run-cases.ts";
import { listType, mapType, types } from "../values/type.ts";

const variables = {
  n: { type: types.int },
  s: { type: types.string },
  u: { type: types.uint },
  d: { type: types.dyn },
  m: { type: mapType(types.string, types.int) },
  l: { type: listType(types.string) },
};

test("check: what is not declared", () => {
  problemCases(
    {
      x: "1:1: undeclared reference to 'x' (in container '')",
      "a.b.c": "1:1: undeclared reference to 'a' (in container '')",
      "unknown(n)": "1:8: undeclared reference to 'unknown' (in container '')",
      "s.length()": "1:9: undeclared reference to 'length' (in container '')",
      "cel.bind(x, 1, x)": "1:1: undeclared reference to 'cel' (in container '')",
      "Thing{a: 1}": "1:6: undeclared reference to 'Thing' (in container '')",
      "[1].exists_one(x, y)": "1:19: undeclared reference to 'y' (in container '')",
      "[1].all(x, x > 0) && x > 0": "1:22: undeclared reference to 'x' (in container '')",
    },
    variables,
  );
});

test("check: functions that do not take such arguments", () => {
  problemCases(
    {
      "size(n)": "1:5: found no matching overload for 'size' applied to '(int)'",
      "n + s": "1:3: found no matching overload for '_+_' applied to '(int, string)'",
      "n + 1u": "1:3: found no matching overload for '_+_' applied to '(int, uint)'",
      "n == s": "1:3: found no matching overload for '_==_' applied to '(int, string)'",
      "n ? 1 : 2": "1:3: found no matching overload for '_?_:_' applied to '(int, int, int)'",
      "true ? 1 : 'a'": "1:6: found no matching overload for '_?_:_' applied to '(bool, int, string)'",
      "m[1]": "1:2: found no matching overload for '_[_]' applied to '(map(string, int), int)'",
      "l['a']": "1:2: found no matching overload for '_[_]' applied to '(list(string), string)'",
      "l.map(x, x + 1)": "1:12: found no matching overload for '_+_' applied to '(string, int)'",
      "l.filter(x, 1)": "1:9: found no matching overload for '_?_:_' applied to '(int, list(string), list(string))'",
      "n in l": "1:3: found no matching overload for '@in' applied to '(int, list(string))'",
      "optional.of(1) + 1": "1:16: found no matching overload for '_+_' applied to '(optional_type(int), int)'",
      "-s": "1:1: found no matching overload for '-_' applied to '(string)'",
      "!n": "1:1: found no matching overload for '!_' applied to '(int)'",
      "s[0]": "1:2: found no matching overload for '_[_]' applied to '(string, int)'",
      "s.startsWith(1)": "1:13: found no matching overload for 'startsWith' applied to 'string.(int)'",
      "sets.contains([1], ['a'])":
        "1:14: found no matching overload for 'sets.contains' applied to '(list(int), list(string))'",
      "optional.of(1).orValue('a')":
        "1:23: found no matching overload for 'orValue' applied to 'optional_type(int).(string)'",
    },
    variables,
  );
});

test("check: types that are not the expected ones", () => {
  problemCases(
    {
      "s && true": "1:1: expected type 'bool' but found 'string'",
      "l.all(x, x)": "1:10: expected type 'bool' but found 'string'",
      "n || s": "1:1: expected type 'bool' but found 'int'",
      "[1, 'a']": "1:5: expected type 'int' but found 'string'",
      "{'a': 1, 'b': 'c'}": "1:15: expected type 'int' but found 'string'",
      "{'a': 1, 2: 3}": "1:10: expected type 'string' but found 'int'",
      "n.b": "1:2: type 'int' does not support field selection",
      "m.a.b": "1:4: type 'int' does not support field selection",
      "has(n.b)": "1:4: type 'int' does not support field selection",
      "optional.of(1).b": "1:15: type 'int' does not support field selection",
      "n.?b": "1:2: type 'int' does not support field selection",
    },
    variables,
  );
});

test("check: constants that cannot be read", () => {
  problemCases(
    {
      "s.matches('[')": "1:11: invalid matches argument",
      "timestamp('x')": "1:11: invalid timestamp argument",
      "duration('1y')": "1:10: invalid duration argument",
      "'%d'.format([s])":
        "1:14: error during formatting: decimal clause can only be used on integers, was given string",
      "'%z'.format([1])": '1:12: could not parse formatting clause: unrecognized formatting clause "z"',
      "'%s %s'.format([1])": "1:15: index 1 out of range",
    },
    variables,
  );
});

test("check: what is right", () => {
  problemCases(
    {
      "s in m": "",
      "d.a.b[1].c + 1": "",
      "m.x + m.y": "",
      "n < u": "",
      "n < 1.5": "",
      "type(n) == int": "",
      "d == n || d == s": "",
      "[d, dyn(n)].all(x, x == 1)": "",
      "optional.of(n).orValue(1) + 1": "",
      "m[?s].optMap(x, x + 1).orValue(0) == 0": "",
      "[] == [n]": "",
      "{} == {s: n}": "",
      "[[], [n]]": "",
      "size(l) + size(m) + size(s) + s.size()": "",
      "l.map(x, size(x)).sum() > 0": "",
    },
    variables,
  );
});
