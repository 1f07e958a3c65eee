import assert from "node:assert/strict";
import { test } from "node:test";
import { CodecError } from "../codec-error.ts";
import { partialObjectMetadataList } from "../partial-metadata.ts";
import type { ObjectSchema } from "../schema.ts";
import { generateValue } from "../testing/generate-value.ts";
import { createRandom, mutate } from "../testing/random.ts";
import { kindsOfType, schemaOf, schemaOfKind, typeNames } from "../types-table.ts";
import { decodeMessage, encodeMessage } from "./codec.ts";
import { encodeEnvelope, openEnvelope } from "./envelope.ts";
import { encodeWatchFrame, readWatchFrames, type WatchFrame } from "./watch-frames.ts";

function schema(group: string, version: string, kind: string): ObjectSchema {
  const found = schemaOfKind(group, version, kind);
  assert.ok(found, `${kind} is in the table`);
  return found;
}

// Written by upstream's serializer, which writes zeros for all that has no pointer.
const configMapBytes =
  "azhzAAoPCgJ2MRIJQ29uZmlnTWFwEjQKGQoBYRIAGgAiACoAMgA4AEIICOW838oGEAASBgoBYRIBMRIGCgFiEgEyGgcKAWMSAmhpGgAiAA==";
const configMap = {
  metadata: { name: "a", creationTimestamp: "2026-01-02T15:04:05Z" },
  data: { a: "1", b: "2" },
  binaryData: { c: "aGk=" },
};
const podBytes =
  "azhzAAoJCgJ2MRIDUG9kEsABChEKAXASABoAIgAqADIAOABCABKVAQoJCgF2EgQSAgoAEl4KAWMSAWkqADIKCgAQABhQIgAqAEIPCg0KA2NwdRIGCgQxMDBtUiEKFRITCgEvEgoIARAAGgRodHRwGgAiABAAGAAgACgAMABqAHIAegQQACAAgAEAiAEAkAEAogEAGgAgADIAQgBKAFIAWABgAGgAggEAigEAmgEAwgEAyAH///////////8BGhMKABoAIgAqADIASgBaAHIAiAEAGgAiAA==";
const pod = {
  metadata: { name: "p" },
  spec: {
    volumes: [{ name: "v", emptyDir: {} }],
    containers: [
      {
        name: "c",
        image: "i",
        ports: [{ containerPort: 80 }],
        resources: { limits: { cpu: "100m" } },
        livenessProbe: { httpGet: { path: "/", port: "http" } },
        securityContext: { privileged: false, runAsUser: 0 },
      },
    ],
    terminationGracePeriodSeconds: 0,
    priority: -1,
  },
  status: {},
};

test("decodeMessage: reads upstream's bytes, dropping zeros nobody set", () => {
  const opened = openEnvelope(Buffer.from(configMapBytes, "base64"));
  assert.deepEqual([opened.apiVersion, opened.kind], ["v1", "ConfigMap"]);
  assert.deepEqual(decodeMessage(schema("", "v1", "ConfigMap"), opened.raw), configMap);
  const { raw } = openEnvelope(Buffer.from(podBytes, "base64"));
  const decoded = decodeMessage(schema("", "v1", "Pod"), raw) as typeof pod;
  assert.deepEqual(decoded.spec.containers[0]?.livenessProbe, pod.spec.containers[0]?.livenessProbe);
  assert.deepEqual(decoded, pod);
});

test("encodeMessage: writes what it reads again", () => {
  for (const [kind, object] of Object.entries({ ConfigMap: configMap, Pod: pod })) {
    const type = schema("", "v1", kind);
    assert.deepEqual(decodeMessage(type, encodeMessage(type, object)), object);
  }
});

test("encodeEnvelope: is opened again", () => {
  const type = schema("apps", "v1", "Deployment");
  const bytes = encodeEnvelope(type, { group: "apps", version: "v1", kind: "Deployment" }, { metadata: { name: "d" } });
  const { apiVersion, kind, raw } = openEnvelope(bytes);
  assert.deepEqual([apiVersion, kind], ["apps/v1", "Deployment"]);
  assert.deepEqual(decodeMessage(type, raw), { metadata: { name: "d" } });
});

test("openEnvelope: refuses in upstream's words", () => {
  const wrong: Record<string, string> = {
    "": "empty data",
    "{}": "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]",
    "k8s\0": "empty body",
    "k8s\0\n\u0005x": "unexpected EOF",
  };
  for (const [text, message] of Object.entries(wrong)) {
    assert.throws(() => openEnvelope(Buffer.from(text, "latin1")), { name: "ProtobufError", message });
  }
});

test("decodeMessage: passes over fields nobody knows, and takes packed numbers", () => {
  const type = schemaOf("io.k8s.api.core.v1.PodSecurityContext") as ObjectSchema;
  const known = encodeMessage(type, { supplementalGroups: [1, 300, -1], runAsUser: 5 });
  const unknown = Buffer.from([
    0xf8, 0x07, 5, 0xf9, 0x07, 1, 2, 3, 4, 5, 6, 7, 8, 0xfa, 0x07, 2, 1, 2, 0xfd, 0x07, 1, 2, 3, 4,
  ]);
  const group = Buffer.from([0xf3, 0x07, 0x08, 1, 0xf4, 0x07]);
  const value = { supplementalGroups: [1, 300, -1], runAsUser: 5 };
  assert.deepEqual(decodeMessage(type, Buffer.concat([unknown, known, group])), value);
  const number = type.fields.get("supplementalGroups")?.protobuf?.number ?? 0;
  assert.deepEqual(decodeMessage(type, Buffer.from([number * 8 + 2, 3, 1, 0xac, 2])), { supplementalGroups: [1, 300] });
});

test("encodeMessage: keeps large and negative numbers, and the special forms", () => {
  const event = {
    metadata: { managedFields: [{ fieldsV1: { "f:a": { n: 9007199254740993n } } }] },
    eventTime: "1969-12-31T23:59:59.000001Z",
    lastTimestamp: "1969-12-31T23:59:59Z",
    count: -(2 ** 31),
  };
  const type = schema("", "v1", "Event");
  assert.deepEqual(decodeMessage(type, encodeMessage(type, event)), event);
  const job = { spec: { activeDeadlineSeconds: 2 ** 62, parallelism: 0 } };
  assert.deepEqual(decodeMessage(schema("batch", "v1", "Job"), encodeMessage(schema("batch", "v1", "Job"), job)), job);
});

test("decodeMessage: refuses deep nesting", () => {
  const type = schemaOf("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps") as ObjectSchema;
  const nested = (depth: number): Buffer => {
    let value: object = {};
    for (let level = 0; level < depth; level++) value = { not: value };
    return encodeMessage(type, value);
  };
  assert.ok(decodeMessage(type, nested(500)));
  assert.throws(() => decodeMessage(type, nested(1500)), { message: "proto: messages nested too deep" });
});

test("partialObjectMetadataList: has a message of its own", () => {
  const list = { metadata: { resourceVersion: "5" }, items: [{ metadata: { name: "a", labels: { x: "y" } } }] };
  assert.deepEqual(decodeMessage(partialObjectMetadataList, encodeMessage(partialObjectMetadataList, list)), list);
});

test("readWatchFrames: reads frames however they are cut", async () => {
  const frames = [
    encodeWatchFrame("ADDED", Buffer.from(configMapBytes, "base64")),
    encodeWatchFrame("BOOKMARK", podOnly()),
  ];
  const stream = Buffer.concat(frames);
  for (const size of [1, 3, 64, stream.length]) {
    const read = await collectFrames(chunksOf(stream, size));
    assert.deepEqual(
      read.map(({ type, object }) => [type, openEnvelope(object).kind]),
      [
        ["ADDED", "ConfigMap"],
        ["BOOKMARK", "Pod"],
      ],
    );
  }
  await assert.rejects(collectFrames(chunksOf(stream.subarray(0, 50), 7)), {
    message: "unexpected EOF",
  });
});

async function collectFrames(chunks: AsyncIterable<Buffer>): Promise<WatchFrame[]> {
  const frames: WatchFrame[] = [];
  for await (const frame of readWatchFrames(chunks)) frames.push(frame);
  return frames;
}

function podOnly(): Buffer {
  return Buffer.from(podBytes, "base64");
}

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test("decodeMessage: survives anything, and every kind reads again what was written", () => {
  const random = createRandom(8);
  const names = typeNames().filter((name) => kindsOfType(name).length > 0);
  for (let count = 0; count < 600; count++) {
    const type = schemaOf(random.pick(names)) as ObjectSchema;
    const bytes = encodeMessage(type, generateValue(type, random, 1 + random.below(4)) as object);
    const once = decodeMessage(type, bytes);
    assert.deepEqual(decodeMessage(type, encodeMessage(type, once)), once, type.name);
    const broken = mutate(bytes, random);
    try {
      const value = decodeMessage(type, broken);
      assert.deepEqual(decodeMessage(type, encodeMessage(type, value)), value, type.name);
    } catch (error) {
      assert.ok(error instanceof CodecError, `${type.name}: ${error}`);
    }
  }
});
