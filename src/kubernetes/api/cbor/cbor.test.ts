import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, mutate } from "../testing/random.ts";
import { CborError, decodeCbor } from "./decode.ts";
import { encodeCbor } from "./encode.ts";
import { readCborSequence } from "./sequence.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

test("encodeCbor: writes the deterministic form, strings as byte strings", () => {
  const forms: [unknown, string][] = [
    [null, "f6"],
    [true, "f5"],
    [0, "00"],
    [23, "17"],
    [24, "1818"],
    [1000, "1903e8"],
    [2 ** 32, "1b0000000100000000"],
    [-1, "20"],
    [-1000, "3903e7"],
    [9223372036854775807n, "1b7fffffffffffffff"],
    [1.5, "f93e00"],
    [2 ** -24, "f90001"],
    [100000.5, "fa47c35040"],
    [1.1, "fb3ff199999999999a"],
    ["a", "4161"],
    [[1, "é"], "820142c3a9"],
    [{ bb: 1, a: 2, c: undefined }, "a2416102426262 01"],
  ];
  for (const [value, bytes] of forms) assert.deepEqual(encodeCbor(value), hex(`d9d9f7${bytes}`), String(value));
});

test("decodeCbor: reads text in any form", () => {
  const forms: [string, unknown][] = [
    ["6161", "a"],
    ["4161", "a"],
    ["7f61616162ff", "ab"],
    ["5f41614162ff", "ab"],
    ["9f0102ff", [1, 2]],
    ["bf61610161 6202ff", { a: 1, b: 2 }],
    ["d6426869", "aGk="],
    ["d7426869", "6869"],
    ["c074323032362d30312d30325431353a30343a30355a", "2026-01-02T15:04:05Z"],
    ["c100", "1970-01-01T00:00:00Z"],
    ["c1f93e00", "1970-01-01T00:00:01.5Z"],
    ["d9d9f7a0", {}],
    ["f97bff", 65504],
    ["1bffffffffffffffff", undefined],
  ];
  for (const [bytes, value] of forms) {
    if (value === undefined) assert.throws(() => decodeCbor(hex(bytes)), CborError);
    else assert.deepEqual(decodeCbor(hex(bytes)), value, bytes);
  }
});

test("decodeCbor: refuses what JSON cannot say, and lies about lengths", () => {
  const wrong = [
    "",
    "61",
    "a161",
    "a2616101616102",
    "f97e00",
    "f97c00",
    "f7",
    "f818",
    "ff",
    "c249010000000000000000",
    "61ff",
  ];
  wrong.push("a10102", "9bffffffffffffffff", "5bffffffffffffffff", "0000", "1c", "82ff01");
  for (const bytes of wrong) assert.throws(() => decodeCbor(hex(bytes)), CborError, bytes);
  assert.throws(() => decodeCbor(Buffer.alloc(100_000, 0x81)), { message: "cbor: exceeded max nested level 1000" });
});

test("readCborSequence: reads items however they are cut", async () => {
  const items = [
    { type: "ADDED", object: { a: 1 } },
    { type: "BOOKMARK", object: { b: ["x"] } },
  ];
  const stream = Buffer.concat(items.map(encodeCbor));
  for (const size of [1, 5, stream.length]) assert.deepEqual(await collect(stream, size), items);
  await assert.rejects(collect(stream.subarray(0, -1), 4), { message: "unexpected EOF" });
});

async function collect(bytes: Buffer, size: number): Promise<unknown[]> {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const items: unknown[] = [];
  for await (const item of readCborSequence(chunks())) items.push(item);
  return items;
}

test("decodeCbor: survives anything, and reads again what encodeCbor wrote", () => {
  const random = createRandom(9);
  const start = encodeCbor({
    a: [1, -2.5, "x", { b: null, c: true }],
    big: 2n ** 60n,
    d: { e: 1e300, f: "é".repeat(30) },
  });
  for (let count = 0; count < 5000; count++) {
    const bytes = mutate(start, random);
    try {
      const value = decodeCbor(bytes);
      assert.deepEqual(decodeCbor(encodeCbor(value)), normalize(value));
    } catch (error) {
      assert.ok(error instanceof CborError, `${Buffer.from(bytes).toString("hex")}: ${error}`);
    }
  }
});

/** JSON has no negative zero. */
function normalize(value: unknown): unknown {
  if (typeof value === "number") return value + 0;
  if (Array.isArray(value)) return value.map(normalize);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normalize(item)]));
}
