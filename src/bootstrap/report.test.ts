import assert from "node:assert/strict";
import { test } from "node:test";
import { failedCommand, hashDescription, parseReport } from "./report.ts";

test("hashDescription: the same for the same content, in whatever order and form it was written", () => {
  const one = hashDescription({ files: [{ path: "/a", content: "x", mode: 0o600 }], commands: [], units: [] });
  const two = hashDescription({ units: [], commands: [], files: [{ mode: 0o600, content: "x", path: "/a" }] });
  assert.equal(one, two);
  const bytes = (...content: number[]) =>
    hashDescription({ files: [{ path: "/a", content: Uint8Array.from(content) }], commands: [], units: [] });
  assert.equal(bytes(1, 2), bytes(1, 2));
  assert.notEqual(bytes(1, 2), bytes(1, 3));
  assert.notEqual(one, bytes(120));
});

test("parseReport: what is no report is none; the command that failed is found", () => {
  const report = {
    description: "abc",
    state: "failed",
    startedAt: "2026-01-01T00:00:00Z",
    commands: [
      { title: "one", exitCode: 0, ms: 1, output: "" },
      { title: "two", exitCode: 3, ms: 2, output: "no" },
    ],
  };
  const parsed = parseReport(JSON.stringify(report));
  assert.equal(parsed && failedCommand(parsed)?.title, "two");
  assert.equal(parseReport("{"), undefined);
  assert.equal(parseReport("{}"), undefined);
  assert.equal(parseReport(JSON.stringify({ ...report, commands: [{}] })), undefined);
});
