import { test } from "node:test";
import { runCases } from "../../testing/run-cases.ts";

test("strings: parts of strings", () => {
  runCases({
    "'hello'.charAt(4)": '"o"',
    "'hello'.charAt(5)": '""',
    "'hello'.charAt(6)": "index out of range: 6",
    "'hello'.indexOf('l')": "2",
    "'hello'.indexOf('l', 3)": "3",
    "'hello'.indexOf('z')": "-1",
    "'hello'.lastIndexOf('l')": "3",
    "'hello'.lastIndexOf('l', 2)": "2",
    "'hello'.substring(2)": '"llo"',
    "'hello'.substring(1, 3)": '"el"',
    "'hello'.substring(3, 1)": "invalid substring range. start: 3, end: 1",
    "'hello'.substring(9)": "index out of range: 9",
    "'\\U0001F600bc'.substring(1)": '"bc"',
    "'\\U0001F600bc'.indexOf('c')": "2",
  });
});

test("strings: lists and strings", () => {
  runCases({
    "'a,b,c'.split(',')": '["a", "b", "c"]',
    "'a,b,c'.split(',', 2)": '["a", "b,c"]',
    "'a,b,c'.split(',', 0)": "[]",
    "'abc'.split('')": '["a", "b", "c"]',
    "['a', 'b'].join()": '"ab"',
    "['a', 'b'].join('-')": '"a-b"',
    "'hello'.replace('l', 'L')": '"heLLo"',
    "'hello'.replace('l', 'L', 1)": '"heLlo"',
    "'abc'.replace('', '-')": '"-a-b-c-"',
    "'  x \\t'.trim()": '"x"',
    "'HeLLo \\u00c4'.lowerAscii()": '"hello Ä"',
    "'hello \\u00e4'.upperAscii()": '"HELLO ä"',
    "strings.quote('a\"b\\n')": '"\\"a\\\\\\"b\\\\n\\""',
  });
});

test("format: clauses", () => {
  runCases({
    "'%s %d %x %X %o %b %.2f %e'.format(['a', 5, 255, 255, 8, 5, 3.14159, 1234.5])":
      '"a 5 ff FF 10 101 3.14 1.234500×10⁰³"',
    "'%s'.format([[1, 'a', true, null, 1.5]])": '"[1, \\"a\\", true, null, 1.500000]"',
    "'%s'.format([{'b': 1, 'a': [2]}])": '"{\\"a\\":[2], \\"b\\":1}"',
    "'%s %s'.format([timestamp('2020-01-01T00:00:00Z'), duration('1m')])": '"2020-01-01T00:00:00Z 60s"',
    "'%s'.format([type(1)])": '"int"',
    "'%x %X'.format(['hi', b'\\xff'])": '"6869 FF"',
    "'%b %d'.format([true, 7u])": '"1 7"',
    "'%% %s'.format([1])": '"% 1"',
    "'%d'.format(dyn(['a']))": "error during formatting: decimal clause can only be used on integers, was given string",
    "'%s'.format(dyn([]))": "index 0 out of range",
    "'%y'.format(dyn([1]))": 'could not parse formatting clause: unrecognized formatting clause "y"',
  });
});

test("format: doubles in digits, halves to the even one", () => {
  runCases({
    "'%.0f %.0f %.0f'.format([2.5, 3.5, -0.5])": '"2 4 -0"',
    "'%.1f %.1f'.format([1234567.25, 0.25])": '"1,234,567.2 0.2"',
    "'%.0e %.3e'.format([8.5, 0.0])": '"8×10⁰⁰ 0.000×10⁰⁰"',
    "'%f %f'.format([1e22, -0.0])": '"10,000,000,000,000,000,000,000.000000 -0.000000"',
    "'%e'.format([5e-324])": '"4.940656×10⁻³²⁴"',
    "'%f %f'.format([double('NaN'), double('-Inf')])": '"NaN -∞"',
  });
});
