// Texts and bytes made up to do harm, for every reader of this part: each is refused in the reader's own way or read, never fails
// otherwise, and takes no time to speak of. What once did harm is listed for good.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCertificateRequest } from "./certificates/certificate-request.ts";
import { DerError } from "./certificates/der.ts";
import { readPemBlocks } from "./certificates/pem.ts";
import { CodecError } from "./codec-error.ts";
import { CronError } from "./cron/cron-error.ts";
import { parseCronSchedule } from "./cron/schedule.ts";
import { decodeObject } from "./decode/decode-object.ts";
import { IntOrStringError, parseIntOrString } from "./int-or-string.ts";
import { parseCIDR, parseCIDRSloppy, parseIP, parseIPSloppy } from "./ip.ts";
import { parseJson } from "./json/parse.ts";
import { formatQuantity } from "./quantity/format.ts";
import { parseQuantity, QuantityError } from "./quantity/parse.ts";
import { parseFieldSelector } from "./selectors/field-selector.ts";
import { parseSelector } from "./selectors/label-selector.ts";
import { SelectorError } from "./selectors/requirement.ts";
import { StatusError } from "./status-error.ts";
import { createRandom, mutate, type Random } from "./testing/random.ts";
import { DurationError, parseDuration } from "./time/duration.ts";
import { TimeError } from "./time/rfc3339.ts";
import { parseMicroTime, parseTime } from "./time/time.ts";
import { parseYamlBody } from "./yaml/parse.ts";

interface Reader {
  readonly name: string;
  /** What it reads well, to begin from. */
  readonly samples: readonly string[];
  readonly read: (text: string) => unknown;
  readonly refusals: readonly (abstract new (...parts: never[]) => Error)[];
}

const readers: readonly Reader[] = [
  {
    name: "JSON",
    samples: ['{"a":[1,-2.5e3,true,null,"\\u00e9"]}', "[[[]]]", "1e400"],
    read: parseJson,
    refusals: [CodecError],
  },
  {
    name: "YAML",
    samples: ["a: &x [1, 2]\nb: *x\n", "a: |\n  text\n---\nb: 1\n", '{"a": [~, yes, 0x1f]}', "? [a]\n: b\n"],
    read: (text) => parseYamlBody(text),
    refusals: [CodecError],
  },
  {
    name: "label selectors",
    samples: ["a=b,c!=d,e in (f,g),!h,i notin (j)", "x>1,y<2", "a.b/c=d"],
    read: (text) => parseSelector(text).matches({ a: "b" }),
    refusals: [SelectorError],
  },
  {
    name: "field selectors",
    samples: ["metadata.name=a,status.phase!=Running", "a=b\\,c\\=d\\\\"],
    read: (text) => parseFieldSelector(text).matches(() => ""),
    refusals: [SelectorError],
  },
  {
    name: "quantities",
    samples: ["100m", "1.5Gi", "12e6", "-0.5", "+1E", "1e2147483647", "0.0000000001n"],
    read: (text) => formatQuantity(parseQuantity(text)),
    refusals: [QuantityError],
  },
  {
    name: "durations",
    samples: ["1h2m3.5s", "-1.5ms", "0", "9223372036854775807ns"],
    read: parseDuration,
    refusals: [DurationError],
  },
  {
    name: "times",
    samples: ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05+01:00"],
    read: parseTime,
    refusals: [TimeError],
  },
  { name: "micro times", samples: ["2026-01-02T03:04:05.123456Z"], read: parseMicroTime, refusals: [TimeError] },
  {
    name: "cron schedules",
    samples: ["*/5 1-3,7 * JAN-mar 1#2", "@hourly", "TZ=Europe/Berlin 0 0 * * *", "@every 1h30m"],
    read: (text) => parseCronSchedule(text),
    refusals: [CronError],
  },
  {
    name: "ports and percentages",
    samples: ["80", "http", "25%"],
    read: (text) => parseIntOrString(text),
    refusals: [IntOrStringError],
  },
  {
    name: "addresses",
    samples: ["10.0.0.1", "fd00::1", "::ffff:1.2.3.4", "10.0.0.0/8", "fe80::1%eth0", "010.1.2.3/33"],
    read: (text) => [parseIP(text), parseIPSloppy(text), parseCIDR(text), parseCIDRSloppy(text)],
    refusals: [],
  },
  {
    name: "certificate requests",
    samples: ["-----BEGIN CERTIFICATE REQUEST-----\nMIIBODCB3wIBADAvMRUw\n-----END CERTIFICATE REQUEST-----\n"],
    read: (text) => readPemBlocks(text).length > 0 && parseCertificateRequest(text).checkSignature(),
    refusals: [DerError, Error],
  },
];

const rounds = 400;

for (const reader of readers) {
  test(`hostile input: ${reader.name}`, () => {
    const random = createRandom(reader.name.length);
    for (let round = 0; round < rounds; round++) expectAnswer(reader, makeUp(reader.samples, random));
    for (const text of longTexts(reader.samples)) expectAnswer(reader, text);
  });
}

function makeUp(samples: readonly string[], random: Random): string {
  const bytes = Buffer.from(random.pick(samples));
  return Buffer.from(mutate(bytes, random)).toString(random.chance(0.5) ? "utf8" : "latin1");
}

/** Texts whose reading must not take time that grows faster than they do. */
function longTexts(samples: readonly string[]): string[] {
  const size = 20_000;
  const repeated = [...samples, "[", "{", '{"a":', "- ", "(", "!", ",", "=", "1", "a.", "::", "\\", "&a [*a,", " "];
  return repeated.map((text) => text.repeat(Math.ceil(size / text.length)));
}

const patienceMs = 3000;

function expectAnswer({ name, read, refusals }: Reader, text: string): void {
  const start = performance.now();
  try {
    read(text);
  } catch (error) {
    const isRefusal = refusals.some((kind) => error instanceof kind) || error instanceof StatusError;
    const shown = JSON.stringify(text.slice(0, 200));
    assert.ok(isRefusal && !(error instanceof TypeError), `${name}: ${shown}: ${(error as Error).stack}`);
  }
  const took = performance.now() - start;
  assert.ok(took < patienceMs, `${name}: ${JSON.stringify(text.slice(0, 80))} took ${Math.round(took)} ms`);
}

const pod =
  '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{"x":"y"}},"spec":{"containers":[{"name":"c"}]}}';
const expected = { group: "", version: "v1", kind: "Pod" };

for (const contentType of ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"]) {
  test(`hostile input: bodies of type ${contentType}`, () => {
    const random = createRandom(contentType.length);
    const samples = [Buffer.from(pod), Buffer.from("k8s\0\n\u0009\n\u0002v1\u0012\u0003Pod\u0012\u0002\n\0", "latin1")];
    for (let round = 0; round < rounds; round++) {
      const body = mutate(random.pick(samples), random);
      try {
        decodeObject(body, { contentType, expected, fieldValidation: random.pick(["Strict", "Warn", "Ignore"]) });
      } catch (error) {
        const isRefusal = error instanceof StatusError && error.code < 500;
        assert.ok(isRefusal, `${Buffer.from(body).toString("base64")}: ${(error as Error).stack}`);
      }
    }
  });
}
