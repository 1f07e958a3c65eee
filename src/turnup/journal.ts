// What was done to a cluster, on disk: one JSON line per event, only ever appended. "begun" is on disk before a step acts, so after
// a crash the journal names everything that may have to be finished or undone.

import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";

export type JournalEvent = "begun" | "done" | "failed" | "undo-begun" | "undone";

export interface JournalEntry {
  /** RFC 3339. */
  readonly time: string;
  readonly step: string;
  readonly event: JournalEvent;
  /** How long it took, with done, failed and undone. */
  readonly ms?: number;
  readonly message?: string;
}

/**
 * How far a step has come:
 * - `none`: never begun, or completely undone;
 * - `half`: begun, or its undo begun, and not ended;
 * - `done`.
 */
export type StepProgress = "none" | "half" | "done";

export interface Journal {
  progressOf(step: string): StepProgress;
  /** The steps that are not `none`, in the order in which they were begun. */
  begunSteps(): readonly string[];
  /** Every entry, oldest first. */
  readonly entries: readonly JournalEntry[];
  /** Appends; entries after which something may act (begun, undo-begun) and undone are on disk when this returns. */
  append(entry: JournalEntry): void;
  close(): void;
}

const progressAfter: Readonly<Record<JournalEvent, StepProgress>> = {
  begun: "half",
  failed: "half",
  "undo-begun": "half",
  done: "done",
  undone: "none",
};

/** Opens the journal, making it where there is none. A last line that a crash cut short is dropped. */
export function openJournal(path: string): Journal {
  mkdirSync(dirname(path), { recursive: true });
  const { entries, goodBytes } = readFile(path);
  const file = openSync(path, "a");
  ftruncateSync(file, goodBytes);
  return createJournal(entries, {
    write(entry) {
      writeSync(file, `${JSON.stringify(entry)}\n`);
      // A "done" that is lost only means that the step is looked at again.
      if (entry.event !== "done" && entry.event !== "failed") fsyncSync(file);
    },
    close: () => closeSync(file),
  });
}

/** The journal as it is, to be read only; empty where there is none. */
export function readJournal(path: string): Journal {
  return createJournal(readFile(path).entries, {
    write() {
      throw new Error(`Cannot write to the journal ${path}: it was opened for reading`);
    },
    close() {},
  });
}

function createJournal(entries: JournalEntry[], file: { write(entry: JournalEntry): void; close(): void }): Journal {
  const progress = new Map<string, StepProgress>();
  const note = ({ step, event }: JournalEntry) => {
    // A step begun anew goes to the end of the order.
    if (event === "undone") progress.delete(step);
    else progress.set(step, progressAfter[event]);
  };
  for (const entry of entries) note(entry);
  return {
    entries,
    progressOf: (step) => progress.get(step) ?? "none",
    begunSteps: () => [...progress.keys()],
    append(entry) {
      file.write(entry);
      entries.push(entry);
      note(entry);
    },
    close: file.close,
  };
}

function readFile(path: string): { entries: JournalEntry[]; goodBytes: number } {
  if (!existsSync(path)) return { entries: [], goodBytes: 0 };
  const bytes = readFileSync(path);
  const entries: JournalEntry[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; start = end + 1, end = bytes.indexOf(10, start)) {
    const entry = parseEntry(bytes.toString("utf8", start, end));
    if (!entry) throw new Error(`Cannot read the journal ${path}: byte ${start} begins no entry`);
    entries.push(entry);
  }
  return { entries, goodBytes: start };
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isEntry = typeof value === "object" && value !== null && "step" in value && "event" in value;
    return isEntry && String(value.event) in progressAfter ? (value as JournalEntry) : undefined;
  } catch {
    return undefined;
  }
}
