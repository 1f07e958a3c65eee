import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type JournalEntry, openJournal, readJournal } from "./journal.ts";

function tempPath(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-journal-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "journal.jsonl");
}

const entry = (step: string, event: JournalEntry["event"]): JournalEntry => ({
  time: "2026-01-01T00:00:00Z",
  step,
  event,
});

test("openJournal: knows after reopening how far each step came, and in which order", (t) => {
  const path = tempPath(t);
  const journal = openJournal(path);
  for (const [step, event] of [
    ["a", "begun"],
    ["a", "done"],
    ["b", "begun"],
    ["c", "begun"],
    ["c", "failed"],
    ["d", "begun"],
    ["d", "done"],
    ["d", "undo-begun"],
    ["d", "undone"],
  ] as const) {
    journal.append(entry(step, event));
  }
  journal.close();
  const again = openJournal(path);
  assert.deepEqual(["a", "b", "c", "d", "e"].map(again.progressOf), ["done", "half", "half", "none", "none"]);
  assert.deepEqual(again.begunSteps(), ["a", "b", "c"]);
  assert.equal(readJournal(path).entries.length, 9);
  again.close();
});

test("openJournal: drops a last line that was cut short, and goes on behind the good ones", (t) => {
  const path = tempPath(t);
  const journal = openJournal(path);
  journal.append(entry("a", "begun"));
  journal.close();
  appendFileSync(path, '{"time":"2026-01-01T00:00:00Z","step":"b","ev');
  assert.equal(readJournal(path).entries.length, 1);
  const again = openJournal(path);
  again.append(entry("a", "done"));
  again.close();
  assert.deepEqual(
    readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).event),
    ["begun", "done"],
  );
});

test("openJournal: refuses a file that is broken in the middle", (t) => {
  const path = tempPath(t);
  writeFileSync(path, "garbage\n");
  assert.throws(() => openJournal(path), /byte 0 begins no entry/);
});
