// The audit log: events as lines of JSON in a file, which is set aside when it has grown too large (upstream's --audit-log-*).

import { closeSync, fstatSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { encodeJson } from "#kubernetes/api";
import type { Clock } from "#shared";
import type { AuditSink } from "./audit-stage.ts";

export interface AuditLogOptions {
  readonly path: string;
  /** A file larger than this is set aside. Default: 100 MiB. */
  readonly maxBytes?: number;
  /** So many files that were set aside are kept. Default: all. */
  readonly maxBackups?: number;
  readonly clock: Clock;
}

export interface AuditLog extends AuditSink {
  close(): void;
}

const mebibyte = 1024 * 1024;

/** Opens the file, adding to what is in it. Every event is written before its request goes on, as upstream's blocking mode does. */
export function openAuditLog({ path, maxBytes = 100 * mebibyte, maxBackups, clock }: AuditLogOptions): AuditLog {
  let file = openSync(path, "a", 0o600);
  let lastBackup = 0;
  let size = fstatSync(file).size;
  const rotate = () => {
    closeSync(file);
    // No two have the same name, and the names are in order.
    lastBackup = Math.max(clock.now(), lastBackup + 1);
    renameSync(path, backupPath(path, lastBackup));
    if (maxBackups !== undefined) removeOldest(path, maxBackups);
    file = openSync(path, "a", 0o600);
    size = 0;
  };
  return {
    write(event) {
      const line = Buffer.from(`${encodeJson(event)}\n`);
      if (size > 0 && size + line.length > maxBytes) rotate();
      size += writeSync(file, line);
    },
    close: () => closeSync(file),
  };
}

/** "audit-2026-01-02T03-04-05.678.log" beside "audit.log". */
function backupPath(path: string, time: number): string {
  const extension = extname(path);
  const stamp = new Date(time).toISOString().replaceAll(":", "-").replace("Z", "");
  return join(dirname(path), `${basename(path, extension)}-${stamp}${extension}`);
}

function removeOldest(path: string, keep: number): void {
  const extension = extname(path);
  const stem = `${basename(path, extension)}-`;
  const backups = readdirSync(dirname(path))
    .filter((name) => name.startsWith(stem) && name.endsWith(extension))
    .sort();
  for (const name of backups.slice(0, Math.max(0, backups.length - keep))) rmSync(join(dirname(path), name));
}
