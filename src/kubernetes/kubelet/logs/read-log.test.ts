import assert from "node:assert/strict";
import { appendFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { formatLogTime, parseLogLine } from "./log-line.ts";
import { type ReadLogOptions, readLog } from "./read-log.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "read-log-"));
});
after(() => rm(folder, { recursive: true }));

const lines = [
  "2026-01-01T00:00:01Z stdout F one",
  "2026-01-01T00:00:02.5Z stderr F two",
  "2026-01-01T00:00:03Z stdout P thr",
  "2026-01-01T00:00:03.1Z stdout F ee",
  "nonsense",
  "2026-01-01T00:00:04.123456789Z stdout F four",
];

async function logFile(name: string, content = `${lines.join("\n")}\n`): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function read(path: string, options?: ReadLogOptions): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readLog(path, options)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("parseLogLine: reads time, stream, tag and content", () => {
  assert.deepEqual(parseLogLine(Buffer.from("2026-01-01T00:00:01Z stdout F a  b")), {
    timestamp: "2026-01-01T00:00:01Z",
    stream: "stdout",
    content: Buffer.from("a  b\n"),
    partial: false,
  });
  assert.equal(parseLogLine(Buffer.from("a stdnone F b")), undefined);
  assert.equal(parseLogLine(Buffer.from("a stdout")), undefined);
});

test("formatLogTime: always nine digits", () => {
  assert.equal(formatLogTime("2026-01-01T00:00:01Z"), "2026-01-01T00:00:01.000000000Z");
  assert.equal(formatLogTime("2026-01-01T00:00:01.5+01:00"), "2026-01-01T00:00:01.500000000+01:00");
});

test("readLog: answers the content by the options", async () => {
  const path = await logFile("table.log");
  const table: [ReadLogOptions, string][] = [
    [{}, "one\ntwo\nthree\nfour\n"],
    [{ tailLines: 1 }, "four\n"],
    [{ tailLines: 3 }, "ee\nfour\n"],
    [{ tailLines: 100 }, "one\ntwo\nthree\nfour\n"],
    [{ tailLines: 0 }, ""],
    [{ stream: "stderr" }, "two\n"],
    [{ sinceMs: Date.UTC(2026, 0, 1, 0, 0, 2) }, "two\nthree\nfour\n"],
    [{ limitBytes: 6 }, "one\ntw"],
    [{ tailLines: 1, timestamps: true }, "2026-01-01T00:00:04.123456789Z four\n"],
    [
      { timestamps: true, sinceMs: Date.UTC(2026, 0, 1, 0, 0, 3) },
      "2026-01-01T00:00:03.000000000Z three\n2026-01-01T00:00:04.123456789Z four\n",
    ],
  ];
  for (const [options, expected] of table) assert.equal(await read(path, options), expected, JSON.stringify(options));
});

test("readLog: a missing file throws ENOENT", async () => {
  await assert.rejects(read(join(folder, "none")), { code: "ENOENT" });
});

test("readLog: follows growth and rotation until the container ends", async () => {
  const path = await logFile("follow.log", `${lines[0]}\n`);
  let running = true;
  const reader = readLog(path, { follow: { isRunning: async () => running } })[Symbol.asyncIterator]();
  const next = async () => (await reader.next()).value?.toString();
  assert.equal(await next(), "one\n");
  await appendFile(path, `${lines[1]}\n`);
  assert.equal(await next(), "two\n");
  await rename(path, `${path}.1`);
  await writeFile(path, `${lines[5]}\n`);
  assert.equal(await next(), "four\n");
  running = false;
  await appendFile(path, `${lines[0]}\n`);
  assert.equal(await next(), "one\n");
  assert.equal((await reader.next()).done, true);
});

test("readLog: ends quietly when the signal fires", async () => {
  const path = await logFile("abort.log");
  const controller = new AbortController();
  const reader = readLog(path, { follow: { isRunning: async () => true }, signal: controller.signal });
  const iterator = reader[Symbol.asyncIterator]();
  await iterator.next();
  const end = iterator.next();
  controller.abort();
  assert.equal((await end).done, true);
});
