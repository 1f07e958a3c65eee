import { test } from "node:test";
import { runCases } from "../../testing/run-cases.ts";

test("url", () => {
  runCases({
    "url('https://user@example.com:8080/path/a%20b?x=1&x=2&y=#frag').getHost()": '"example.com:8080"',
    "url('https://[::1]:80/').getHostname()": '"::1"',
    "url('https://[::1]:80/').getPort()": '"80"',
    "url('https://example.com').getPort()": '""',
    "url('https://example.com/path with spaces/').getEscapedPath()": '"/path%20with%20spaces/"',
    "url('https://example.com/?k1=a&k2=b&k2=c').getQuery()": '{"k1": ["a"], "k2": ["b", "c"]}',
    "url('/relative').getScheme()": '""',
    "url('relative')": 'URL parse error during conversion from string: parse "relative": invalid URI for request',
    "url('https://a.b:x/')":
      'URL parse error during conversion from string: parse "https://a.b:x/": invalid port ":x" after host',
    "isURL('https://a.b')": "true",
    "isURL('not a url')": "false",
    "url('https://a.b') == url('https://a.b')": "true",
  });
});
