import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FakeClock } from "#shared";
import type { AuditEvent } from "./audit-event.ts";
import { openAuditLog } from "./audit-log.ts";

function eventOf(auditID: string, size = 0): AuditEvent {
  return { kind: "Event", auditID, stage: "ResponseComplete", requestURI: "x".repeat(size) };
}

function linesOf(path: string): string[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.map((line) => (JSON.parse(line) as AuditEvent).auditID);
}

test("openAuditLog: a line an event, added to what is there, for its owner's eyes", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-audit-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "audit.log");
  for (const id of ["a", "b"]) {
    const log = openAuditLog({ path, clock: new FakeClock() });
    log.write(eventOf(id));
    log.close();
  }
  assert.deepEqual(linesOf(path), ["a", "b"]);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("openAuditLog: a file that has grown too large is set aside, and only so many are kept", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-audit-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "audit.log");
  const log = openAuditLog({ path, maxBytes: 1000, maxBackups: 2, clock: new FakeClock() });
  for (const id of ["a", "b", "c", "d", "e"]) log.write(eventOf(id, 900));
  log.close();
  assert.deepEqual(linesOf(path), ["e"]);
  const backups = readdirSync(folder).filter((name) => name !== "audit.log");
  assert.deepEqual(backups.flatMap((name) => linesOf(join(folder, name))).sort(), ["c", "d"]);
});
