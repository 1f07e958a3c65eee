import assert from "node:assert/strict";
import { test } from "node:test";
import { createCodec } from "./codec.ts";

const codec = createCodec({
  messages: {
    Outer: {
      name: [1, "string"],
      inner: [2, "Inner"],
      items: [3, "[]Inner"],
      labels: [4, "map"],
      blobs: [7, "bytesMap"],
      colour: [5, "Colour"],
      data: [6, "bytes"],
      numbers: [18, "[]int64"],
      wide: [19, "int64"],
      small: [20, "int32"],
      flag: [21, "bool"],
      ratio: [22, "double"],
      words: [23, "[]string"],
    },
    Inner: { value: [1, "int64"] },
    Later: { name: [1, "string"], unknown: [99, "Inner"], list: [100, "[]int64"] },
  },
  enums: { Colour: ["RED", "GREEN"] },
} as const);

test("codec: what is encoded is decoded", () => {
  const message = {
    name: "größe",
    inner: { value: -1 },
    items: [{ value: 1 }, {}, { value: 300 }],
    labels: { a: "1", "io.kubernetes.pod.name": "x" },
    blobs: { "a.example.com": Buffer.from([255, 0]), empty: Buffer.alloc(0) },
    colour: "GREEN",
    data: Buffer.from([0, 255]),
    numbers: [0, 1, -5, 2 ** 40],
    wide: 1_700_000_000_000_000_000,
    small: -7,
    flag: true,
    ratio: 0.5,
    words: ["", "a"],
  } as const;
  assert.deepEqual(codec.decode("Outer", codec.encode("Outer", message)), {
    ...message,
    items: [{ value: 1 }, { value: 0 }, { value: 300 }],
  });
});

test("codec: absent scalars are zero, absent messages undefined", () => {
  assert.deepEqual(codec.decode("Outer", Buffer.alloc(0)), {
    name: "",
    inner: undefined,
    items: [],
    labels: {},
    blobs: {},
    colour: "RED",
    data: Buffer.alloc(0),
    numbers: [],
    wide: 0,
    small: 0,
    flag: false,
    ratio: 0,
    words: [],
  });
});

test("codec: zero values are not sent, an empty message is", () => {
  assert.equal(codec.encode("Outer", { name: "", colour: "RED", flag: false, wide: 0 }).length, 0);
  assert.deepEqual([...codec.encode("Outer", { inner: {} })], [0x12, 0]);
});

test("codec: bytes are as the protobuf specification has them", () => {
  assert.deepEqual([...codec.encode("Inner", { value: 150 })], [0x08, 0x96, 0x01]);
  assert.deepEqual([...codec.encode("Inner", { value: -1 })], [0x08, ...Array(9).fill(0xff), 0x01]);
});

test("codec: unknown fields are skipped", () => {
  const bytes = codec.encode("Later", { name: "a", unknown: { value: 1 }, list: [1, 2] });
  assert.equal(codec.decode("Outer", bytes).name, "a");
});

test("codec: unpacked numbers are read too", () => {
  assert.deepEqual(codec.decode("Outer", Buffer.from([0x90, 0x01, 5, 0x90, 0x01, 6])).numbers, [5, 6]);
});

test("codec: bytes that end too early throw", () => {
  assert.throws(() => codec.decode("Outer", Buffer.from([0x0a, 5, 65])), RangeError);
});
