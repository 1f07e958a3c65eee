import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeCbor } from "../cbor/encode.ts";
import { encodeEnvelope } from "../protobuf/envelope.ts";
import type { ObjectSchema } from "../schema.ts";
import { isStatusError } from "../status-error.ts";
import { createRandom, mutate } from "../testing/random.ts";
import { schemaOfKind } from "../types-table.ts";
import { type DecodeObjectOptions, decodeCustomObject, decodeObject } from "./decode-object.ts";

const configMap = { group: "", version: "v1", kind: "ConfigMap" };
const deployment = { group: "apps", version: "v1", kind: "Deployment" };
const autoscaler = { group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler" };
const strict: DecodeObjectOptions = { expected: configMap, fieldValidation: "Strict" };

function decodeText(text: string, options: Partial<DecodeObjectOptions> = {}) {
  return decodeObject(Buffer.from(text), { ...strict, ...options });
}

function refusal(text: string | Uint8Array, options: Partial<DecodeObjectOptions> = {}): string {
  try {
    decodeObject(Buffer.from(text), { ...strict, ...options });
  } catch (error) {
    assert.ok(isStatusError(error), String(error));
    assert.equal(error.code, options.contentType === "text/plain" ? 415 : 400);
    return error.message;
  }
  return "";
}

const unrecognized = "the object provided is unrecognized (must be of type ConfigMap): ";

// What upstream's server answered to these bodies, word for word.
test("decodeObject: refuses bodies that cannot be read", () => {
  const parse = `${unrecognized}couldn't get version/kind; json parse error: `;
  const struct =
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
  const wrong: Record<string, string> = {
    "{not json": `${parse}invalid character 'n' looking for beginning of object key string ({not json)`,
    "": `${parse}unexpected end of JSON input (<empty>)`,
    "[]": `${parse}json: cannot unmarshal array into Go value of type ${struct} (5b5d)`,
    "5": `${parse}json: cannot unmarshal number into Go value of type ${struct} (35)`,
    '{"kind":5}': `${parse}json: cannot unmarshal number into Go struct field .kind of type string ({"kind":5})`,
    '{"apiVersion":"a/b/c","kind":"X"}': `${unrecognized}unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c","kind":" ...)`,
  };
  for (const [text, message] of Object.entries(wrong)) assert.equal(refusal(text), message);
});

test("decodeObject: refuses kinds the resource does not hold", () => {
  const scheme = 'in scheme "pkg/api/legacyscheme/scheme.go:30"';
  const wrong: Record<string, string> = {
    '{"apiVersion":"v9","kind":"X"}': `X in version "v9" cannot be handled as a ConfigMap: no kind "X" is registered for version "v9" ${scheme}`,
    '{"apiVersion":"apps/v1"}': `ConfigMap in version "v1" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "apps/v1" ${scheme}`,
    '{"kind":"Secret"}':
      'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
    '{"kind":"Secret","data":5}':
      'Secret in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field Secret.data of type map[string][]uint8',
  };
  for (const [text, message] of Object.entries(wrong)) assert.equal(refusal(text), message);
  assert.equal(
    refusal('{"apiVersion":"autoscaling/v1"}', { expected: autoscaler }),
    "the API version in the data (autoscaling/v1) does not match the expected API version (autoscaling/v2)",
  );
});

test("decodeObject: refuses wrong values in Go's words", () => {
  const subject = 'Pod in version "v1" cannot be handled as a Pod: ';
  const wrong: Record<string, string> = {
    '{"metadata":{"creationTimestamp":5}}':
      "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string",
    '{"metadata":{"creationTimestamp":"x"}}':
      'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
    '{"spec":{"containers":[{"resources":{"limits":{"cpu":"x"}}}]}}':
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    '{"spec":{"containers":[{"livenessProbe":{"httpGet":{"port":true}}}]}}':
      "json: cannot unmarshal bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32",
    '{"spec":{"containers":{},"restartPolicy":5}}':
      "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
    '{"spec":{"restartPolicy":5}}':
      "json: cannot unmarshal number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy",
    '{"spec":{"priority":1.5}}':
      "json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.priority of type int32",
  };
  const expected = { group: "", version: "v1", kind: "Pod" };
  for (const [text, message] of Object.entries(wrong)) assert.equal(refusal(text, { expected }), subject + message);
});

test("decodeObject: minds unknown and duplicate fields as it is told", () => {
  const text = '{"metadata":{"name":"a"},"x":1,"x":2,"y":{"a":1,"a":2},"data":{"a":"b","a":"c"}}';
  const problems = ['unknown field "x"', 'unknown field "y"', 'duplicate field "data.a"'];
  assert.equal(
    refusal(text),
    `ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: ${problems.join(", ")}`,
  );
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { a: "c" } };
  const warned = decodeText(text, { fieldValidation: "Warn" });
  assert.deepEqual([warned.object, warned.warnings], [object, problems]);
  assert.deepEqual(decodeText(text, { fieldValidation: "Ignore" }).warnings, []);
  assert.equal(refusal('{"Kind":"ConfigMap"}'), refusal('{"kind":"ConfigMap","Kind":1}'));
});

test("decodeObject: fills in what the body leaves out", () => {
  assert.deepEqual(decodeText("null").object, { apiVersion: "v1", kind: "ConfigMap" });
  assert.deepEqual(decodeText('{"kind":"Deployment"}', { expected: deployment }).kind, deployment);
});

test("decodeObject: without an expected kind, the body must say", () => {
  const decode = (text: string) => decodeObject(Buffer.from(text), { fieldValidation: "Strict" });
  assert.deepEqual(decode('{"apiVersion":"apps/v1","kind":"Deployment"}').kind, deployment);
  assert.throws(() => decode('{"apiVersion":"v1"}'), { message: `Object 'Kind' is missing in '{"apiVersion":"v1"}'` });
  assert.throws(() => decode('{"kind":"Pod"}'), { message: `Object 'apiVersion' is missing in '{"kind":"Pod"}'` });
});

test("decodeObject: reads every format to the same object", () => {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { k: "v" } };
  const { data, metadata } = object;
  const schema = schemaOfKind("", "v1", "ConfigMap") as ObjectSchema;
  const bodies: [contentType: string | undefined, body: Buffer][] = [
    [undefined, Buffer.from(JSON.stringify(object))],
    ["Application/JSON; charset=utf-8", Buffer.from(JSON.stringify({ metadata, data }))],
    ["application/yaml", Buffer.from("metadata: {name: a}\ndata:\n  k: v\n---\nkind: Other\n")],
    ["application/vnd.kubernetes.protobuf", encodeEnvelope(schema, configMap, { metadata, data })],
    ["application/cbor", encodeCbor(object)],
  ];
  for (const [contentType, body] of bodies) {
    assert.deepEqual(decodeObject(body, { ...strict, contentType, cbor: true }).object, object, contentType);
  }
});

test("decodeObject: refuses other formats, and those that are broken", () => {
  const accepted =
    "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf";
  for (const contentType of ["text/plain", "application/json;;", "application/cbor"]) {
    assert.throws(() => decodeText("{}", { contentType }), { code: 415, message: accepted }, contentType);
  }
  const protobuf = { contentType: "application/vnd.kubernetes.protobuf" };
  assert.equal(
    refusal("{}", protobuf),
    `${unrecognized}provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({})`,
  );
  assert.equal(refusal("k8s\0", protobuf), `${unrecognized}empty body (6b387300)`);
  assert.match(
    refusal("a: [1", { contentType: "application/yaml" }),
    /^the object provided is unrecognized .*: yaml: /,
  );
});

test("decodeCustomObject: hands over what the body holds; duplicates are told before what its decoder minds", () => {
  const expected = { group: "ex.example", version: "v1", kind: "Widget" };
  const decodeValue = (value: unknown) => ({ object: value as object, problems: ['unknown field "spec.bogus"'] });
  const options = { expected, fieldValidation: "Warn", decode: decodeValue } as const;
  const body = '{"apiVersion":"ex.example/v1","kind":"Widget","spec":{"size":"x","bogus":1,"size":9007199254740993}}';
  const { object, warnings } = decodeCustomObject(Buffer.from(body), options);
  assert.deepEqual(object["spec"], { size: 9007199254740993n, bogus: 1 });
  assert.deepEqual(warnings, ['duplicate field "spec.size"', 'unknown field "spec.bogus"']);
});

test("decodeCustomObject: an object says what it is", () => {
  const expected = { group: "ex.example", version: "v1", kind: "Widget" };
  const refused = (text: string, fieldValidation: "Warn" | "Ignore" = "Warn") => {
    const decodeValue = (value: unknown) => ({ object: value as object, problems: [] });
    try {
      decodeCustomObject(Buffer.from(text), { expected, fieldValidation, decode: decodeValue });
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  const missing = "Object 'Kind' is missing in '{\"a\":1}'";
  assert.equal(
    refused('{"a":1}'),
    `the object provided is unrecognized (must be of type Widget): ${missing} ({"a":1})`,
  );
  assert.equal(refused('{"a":1}', "Ignore"), `Widget in version "v1" cannot be handled as a Widget: ${missing}`);
  assert.equal(
    refused('{"kind":"Widget","apiVersion":"ex.example/v2"}'),
    "the API version in the data (ex.example/v2) does not match the expected API version (ex.example/v1)",
  );
});

test("decodeObject: survives anything", () => {
  const random = createRandom(10);
  const start = Buffer.from(
    '{"metadata":{"name":"a","labels":{"a":"b"},"creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"100m"}},"ports":[{"containerPort":80}]}],"terminationGracePeriodSeconds":30}}',
  );
  const expected = { group: "", version: "v1", kind: "Pod" };
  const formats = [undefined, "application/yaml", "application/vnd.kubernetes.protobuf", "application/cbor"];
  for (let count = 0; count < 3000; count++) {
    const bytes = mutate(start, random);
    try {
      decodeObject(bytes, { expected, contentType: random.pick(formats), fieldValidation: "Warn", cbor: true });
    } catch (error) {
      assert.ok(isStatusError(error), `${Buffer.from(bytes)}: ${error}`);
    }
  }
});
