import assert from "node:assert/strict";
import { test } from "node:test";
import { readWatchLines } from "./watch-lines.ts";

const event = (name: string) => ({ type: "ADDED", object: { metadata: { name } } });
const line = (name: string) => `${JSON.stringify(event(name))}\n`;

async function read(chunks: readonly Uint8Array[]): Promise<unknown[][]> {
  const batches: unknown[][] = [];
  async function* source() {
    yield* chunks;
  }
  for await (const batch of readWatchLines(source())) batches.push([...batch]);
  return batches;
}

test("readWatchLines: the lines of one chunk are one batch", async () => {
  assert.deepEqual(await read([Buffer.from(line("a") + line("b"))]), [[event("a"), event("b")]]);
});

test("readWatchLines: a line may be cut anywhere, inside a character too", async () => {
  const bytes = Buffer.from(line("ä") + line("b"));
  for (let cut = 1; cut < bytes.length; cut++) {
    const batches = await read([bytes.subarray(0, cut), bytes.subarray(cut)]);
    assert.deepEqual(batches.flat(), [event("ä"), event("b")], `cut at ${cut}`);
  }
});

test("readWatchLines: byte by byte", async () => {
  const bytes = Buffer.from(line("a") + line("b"));
  const batches = await read([...bytes].map((byte) => Uint8Array.of(byte)));
  assert.deepEqual(batches, [[event("a")], [event("b")]]);
});

test("readWatchLines: an unfinished last line is dropped, empty ones are skipped", async () => {
  assert.deepEqual(await read([Buffer.from(`\n${line("a")}\n\n{"type":`)]), [[event("a")]]);
});
