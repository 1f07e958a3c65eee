import { test } from "node:test";
import { runCases } from "../testing/run-cases.ts";

test("int and uint", () => {
  runCases({
    "int('12')": "12",
    "int('-9223372036854775808')": "-9223372036854775808",
    "int('x')": "type conversion error from 'string' to 'int'",
    "int(1.9)": "1",
    "int(-1.9)": "-1",
    "int(1e99)": "integer overflow",
    "int(5u)": "5",
    "int(18446744073709551615u)": "integer overflow",
    "int(timestamp('1970-01-01T00:01:00Z'))": "60",
    "uint(-1)": "unsigned integer overflow",
    "uint('7')": "7u",
    "uint(1.5)": "1u",
    "uint(-0.5)": "unsigned integer overflow",
  });
});

test("double", () => {
  runCases({
    "double('1e3')": "1000.0",
    "double('x')": "type conversion error from 'string' to 'double'",
    "double(3)": "3.0",
    "double('NaN')": "NaN",
    "double('-Inf')": "-Inf",
    "double(9007199254740993)": "9.007199254740992e+15",
  });
});

test("string, bytes and bool", () => {
  runCases({
    "string(1.0)": '"1"',
    "string(0.1)": '"0.1"',
    "string(1e21)": '"1e+21"',
    "string(-0.0)": '"-0"',
    "string(true)": '"true"',
    "string(b'a')": '"a"',
    "string(b'\\xff')": "invalid UTF-8 in bytes, cannot convert to string",
    "string(1u)": '"1"',
    "string(timestamp('2020-01-02T03:04:05.678Z'))": '"2020-01-02T03:04:05.678Z"',
    "string(duration('90s'))": '"90s"',
    "string(duration('1.5s'))": '"1.5s"',
    "bytes('a')": 'b"a"',
    "bool('true')": "true",
    "bool('T')": "true",
    "bool('yes')": "type conversion error from 'string' to 'bool'",
  });
});

test("type", () => {
  runCases({
    "type(1)": "int",
    "type(1u)": "uint",
    "type(1.0)": "double",
    "type('')": "string",
    "type(b'')": "bytes",
    "type(true)": "bool",
    "type(null)": "null_type",
    "type(type(1))": "type",
    "type([]) == list": "true",
    "type({}) == map": "true",
    "type(timestamp(0)) == google.protobuf.Timestamp": "true",
    "type(duration('1s')) == google.protobuf.Duration": "true",
  });
});
