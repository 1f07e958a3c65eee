import { test } from "node:test";
import { runCases } from "../testing/run-cases.ts";

test("strings", () => {
  runCases({
    "'hello'.contains('ell')": "true",
    "'hello'.startsWith('he')": "true",
    "'hello'.endsWith('lo')": "true",
    "'h\\u00e9llo'.size()": "5",
    "'\\U0001F600'.size()": "1",
    "size(b'\\xff\\xfe')": "2",
  });
});

test("matches: anywhere in the string, in linear time", () => {
  runCases({
    "'foobar'.matches('o+b')": "true",
    "'foobar'.matches('^o+b')": "false",
    "'a\\nb'.matches('a.b')": "false",
    "'a\\nb'.matches('(?s)a.b')": "true",
    "'Abc'.matches('(?i)^abc$')": "true",
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'.matches('^(a+)+b$')": "false",
    "'x'.matches('(' + '')": "error parsing regexp: missing closing ): `(`",
    "'x'.matches('(?=x)' + '')": "error parsing regexp: invalid or unsupported Perl syntax: `(?=`",
  });
});
