import { test } from "node:test";
import { runCases } from "../../testing/run-cases.ts";

test("lists", () => {
  runCases({
    "[1, 2, 3].isSorted()": "true",
    "[3, 1].isSorted()": "false",
    "[1, 2, 3].sum()": "6",
    "[1.5, 2.0].sum()": "3.5",
    "[duration('1s'), duration('2s')].sum()": "duration(3s)",
    "[9223372036854775807, 1].sum()": "integer overflow",
    "[3, 1, 2].min()": "1",
    "[3, 1, 2].max()": "3",
    "['b', 'a'].min()": '"a"',
    "dyn([]).max()": "max called on empty list",
    "[1, 2, 1].indexOf(1)": "0",
    "[1, 2, 1].lastIndexOf(1)": "2",
    "[1].indexOf(2)": "-1",
  });
});

test("regular expressions: what matches", () => {
  runCases({
    "'abc 123'.find('[0-9]+')": '"123"',
    "'abc'.find('[0-9]+')": '""',
    "'a1b22'.findAll('[0-9]+')": '["1", "22"]',
    "'a1b22'.findAll('[0-9]+', 1)": '["1"]',
    "'a1b22'.findAll('[0-9]+', 0)": "[]",
    "'a1b22'.find('[' + '')": "Illegal regex: error parsing regexp: missing closing ]: `[`",
  });
});
