import { test } from "node:test";
import { runCases } from "../../testing/run-cases.ts";

test("format", () => {
  runCases({
    "format.dns1123Label().validate('a-b').hasValue()": "false",
    "format.dns1123Label().validate('A').value()":
      "[\"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')\"]",
    "format.named('dns1123Subdomain').hasValue()": "true",
    "format.named('unknown').hasValue()": "false",
    "format.uuid().validate('x').value()": '["does not match the UUID format"]',
    "format.date().validate('2020-02-30').hasValue()": "true",
    "format.datetime().validate('2020-01-01T00:00:00Z').hasValue()": "false",
    "format.byte().validate('!').hasValue()": "true",
    "format.uri().validate('https://a').hasValue()": "false",
    "format.labelValue().validate('-').value()":
      "[\"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')\"]",
    "format.qualifiedName().validate('a/b').hasValue()": "false",
    "format.dns1035LabelPrefix().validate('a-').hasValue()": "false",
  });
});
