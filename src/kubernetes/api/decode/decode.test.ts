import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeJson } from "../json/encode.ts";
import type { Schema } from "../schema.ts";
import { generateValue } from "../testing/generate-value.ts";
import { createRandom, type Random } from "../testing/random.ts";
import { kindsOfType, schemaOf, schemaOfKind, typeNames } from "../types-table.ts";
import { canonicalizeBase64 } from "./base64.ts";
import { DecodeError } from "./context.ts";
import { decode } from "./decode.ts";

function schema(group: string, version: string, kind: string): Schema {
  const found = schemaOfKind(group, version, kind);
  assert.ok(found, `${kind} is in the table`);
  return found;
}

test("decode: answers fields in the schema's order, without unknown ones", () => {
  const pod = {
    spec: { bogus: 1, containers: [{ image: "i", other: {}, name: "c" }], nodeName: "n" },
    metadata: { name: "a" },
    kind: "Pod",
    apiVersion: "v1",
  };
  const { value, unknown } = decode(schema("", "v1", "Pod"), pod);
  assert.equal(
    JSON.stringify(value),
    '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i"}],"nodeName":"n"}}',
  );
  assert.deepEqual(unknown, ['unknown field "spec.bogus"', 'unknown field "spec.containers[0].other"']);
});

test("decode: takes null as Go does", () => {
  const source = {
    metadata: { labels: { a: null, b: "x" }, name: null, finalizers: ["f", null], creationTimestamp: null },
    data: null,
  };
  const { value } = decode(schema("", "v1", "ConfigMap"), source);
  assert.deepEqual(value, { metadata: { labels: { a: "", b: "x" }, finalizers: ["f", ""] } });
  const pod = { spec: { containers: [null], priority: null }, status: null };
  assert.deepEqual(decode(schema("", "v1", "Pod"), pod).value, { spec: { containers: [{}] } });
  assert.equal(decode(schema("", "v1", "Pod"), null).value, null);
});

test("decode: brings values into canonical form", () => {
  const source = {
    metadata: { creationTimestamp: "2026-01-02T15:04:05.5+01:00", deletionTimestamp: "0001-01-01T00:00:00Z" },
    spec: { containers: [{ resources: { limits: { cpu: "0.5", memory: " 1024Ki ", x: 2 } } }] },
  };
  assert.deepEqual(decode(schema("", "v1", "Pod"), source).value, {
    metadata: { creationTimestamp: "2026-01-02T14:04:05Z" },
    spec: { containers: [{ resources: { limits: { cpu: "500m", memory: "1Mi", x: "2" } } }] },
  });
  const secret = { data: { a: "aG\nk=", b: [104, 105], c: null } };
  assert.deepEqual(decode(schema("", "v1", "Secret"), secret).value, { data: { a: "aGk=", b: "aGk=", c: "" } });
});

test("decode: keeps values of free form as they are", () => {
  const fieldsV1 = { "f:spec": { "f:x": null, ".": {} }, n: 9007199254740993n };
  const source = { metadata: { managedFields: [{ fieldsV1 }] } };
  assert.deepEqual(decode(schema("", "v1", "ConfigMap"), source).value, {
    metadata: { managedFields: [{ fieldsV1 }] },
  });
});

test("decode: rounds integers beyond 2^53 of typed fields, and refuses those beyond 64 bits", () => {
  const job = (activeDeadlineSeconds: unknown) =>
    decode(schema("batch", "v1", "Job"), { spec: { activeDeadlineSeconds } }).value;
  assert.deepEqual(job(9007199254740993n), { spec: { activeDeadlineSeconds: 9007199254740992 } });
  assert.deepEqual(job(2n ** 63n - 1n), { spec: { activeDeadlineSeconds: 2 ** 63 - 1024 } });
  assert.throws(() => job(1.5), {
    name: "DecodeError",
    message: "json: cannot unmarshal number 1.5 into Go struct field JobSpec.spec.activeDeadlineSeconds of type int64",
  });
});

test("decode: tells the first wrong value, unless one stops the decoding", () => {
  const wrong = (source: object) => () => decode(schema("", "v1", "Pod"), source);
  assert.throws(wrong({ metadata: { name: 1 }, spec: { hostNetwork: "x" } }), {
    message: "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string",
  });
  assert.throws(wrong({ metadata: { name: 1 }, spec: { overhead: { cpu: "x" } } }), {
    message: /^quantities must match/,
  });
  assert.throws(wrong({ spec: { volumes: [{ configMap: 5 }] } }), {
    message:
      "json: cannot unmarshal number into Go struct field Volume.spec.volumes.VolumeSource.configMap of type v1.ConfigMapVolumeSource",
  });
});

test("decode: prunes the schemas inside a CustomResourceDefinition", () => {
  const props = { type: "object", bogus: 1, properties: { a: { type: "string", bogus: 2 } } };
  const openAPIV3Schema = {
    items: structuredClone(props),
    additionalProperties: structuredClone(props),
    default: { x: 1 },
  };
  const source = { spec: { versions: [{ schema: { openAPIV3Schema } }] } };
  const { value, unknown } = decode(schema("apiextensions.k8s.io", "v1", "CustomResourceDefinition"), source);
  const pruned = { type: "object", properties: { a: { type: "string" } } };
  assert.deepEqual(value, {
    spec: {
      versions: [{ schema: { openAPIV3Schema: { items: pruned, additionalProperties: pruned, default: { x: 1 } } } }],
    },
  });
  assert.deepEqual(unknown, []);
});

test("decode: keeps a key named __proto__ a key", () => {
  const source = JSON.parse('{"data":{"__proto__":"x"},"binaryData":{"__proto__":null}}');
  const { value } = decode(schema("", "v1", "ConfigMap"), source);
  assert.equal(JSON.stringify(value), '{"data":{"__proto__":"x"},"binaryData":{"__proto__":""}}');
});

test("canonicalizeBase64: reads as Go's StdEncoding", () => {
  const texts: Record<string, string> = {
    "": "",
    "aGk=": "aGk=",
    "aGl=": "aGk=",
    "a\nG\r\nk=\n": "aGk=",
    aGk: "illegal base64 data at input byte 0",
    "aGk=x": "illegal base64 data at input byte 4",
    "aG=k": "illegal base64 data at input byte 2",
    "a===": "illegal base64 data at input byte 1",
    "aG-_": "illegal base64 data at input byte 2",
    aGkaG: "illegal base64 data at input byte 4",
  };
  for (const [text, wanted] of Object.entries(texts)) {
    const result = canonicalizeBase64(text);
    assert.equal("text" in result ? result.text : result.error, wanted, JSON.stringify(text));
  }
});

test("decode: leaves alone what it answered, and survives anything", () => {
  const random = createRandom(11);
  const names = typeNames().filter((name) => kindsOfType(name).length > 0);
  for (let count = 0; count < 500; count++) {
    const type = schemaOf(random.pick(names));
    const value = generateValue(type, random, 1 + random.below(5));
    const once = decode(type, structuredClone(value));
    assert.deepEqual(once.unknown, [], encodeJson(value));
    assert.deepEqual(decode(type, structuredClone(once.value)).value, once.value);
    try {
      decode(type, damage(value, random));
    } catch (error) {
      assert.ok(error instanceof DecodeError, String(error));
    }
  }
});

/** The value with some of its parts replaced by others. */
function damage(value: unknown, random: Random): unknown {
  if (random.chance(0.02)) return random.pick([null, 5, "x", true, [], {}, [null], { a: [1] }, 1e300, 2n ** 70n]);
  if (Array.isArray(value)) return value.map((item) => damage(item, random));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, damage(item, random)]));
}
