// Two values as a unified diff of their indented JSON, as messages about forbidden changes show it.

import { escapeGoJson } from "../../../go-format.ts";
import { internalForm } from "../internal-form.ts";
import { type EditOperation, editOperations } from "./sequence-matcher.ts";

const contextLines = 3;

/** The change of a value of the named internal type, which values/internal-form.ts knows; each line ends in a line feed. */
export function diffInternalForms(type: string, old: unknown, value: unknown): string {
  const lines = [old, value].map((side) => toLines(internalForm(type, side)));
  return unifiedDiff(lines[0] ?? [], lines[1] ?? []);
}

/** The changed lines with three lines around them, in hunks. "" for equal texts. */
export function unifiedDiff(a: readonly string[], b: readonly string[]): string {
  return hunksOf(editOperations(a, b))
    .map((hunk) => formatHunk(hunk, a, b))
    .join("");
}

function toLines(value: unknown): string[] {
  return escapeGoJson(JSON.stringify(value, undefined, 1)).split("\n");
}

function hunksOf(operations: readonly EditOperation[]): EditOperation[][] {
  const hunks: EditOperation[][] = [];
  let hunk: EditOperation[] = [];
  const close = (): void => {
    if (hunk.some((operation) => operation.kind !== "equal")) hunks.push(hunk);
    hunk = [];
  };
  for (const [index, operation] of operations.entries()) {
    if (operation.kind !== "equal") hunk.push(operation);
    else {
      const before = index > 0 ? firstLines(operation) : undefined;
      const after = index < operations.length - 1 ? lastLines(operation) : undefined;
      if (before && after && operation.aEnd - operation.aStart <= 2 * contextLines) hunk.push(operation);
      else {
        if (before) hunk.push(before);
        close();
        if (after) hunk.push(after);
      }
    }
  }
  close();
  return hunks;
}

function firstLines(operation: EditOperation): EditOperation {
  const size = Math.min(contextLines, operation.aEnd - operation.aStart);
  return { ...operation, aEnd: operation.aStart + size, bEnd: operation.bStart + size };
}

function lastLines(operation: EditOperation): EditOperation {
  const size = Math.min(contextLines, operation.aEnd - operation.aStart);
  return { ...operation, aStart: operation.aEnd - size, bStart: operation.bEnd - size };
}

function formatHunk(hunk: readonly EditOperation[], a: readonly string[], b: readonly string[]): string {
  const first = hunk[0]!;
  const last = hunk.at(-1)!;
  const ranges = `-${formatRange(first.aStart, last.aEnd)} +${formatRange(first.bStart, last.bEnd)}`;
  let text = `@@ ${ranges} @@\n`;
  for (const { kind, aStart, aEnd, bStart, bEnd } of hunk) {
    if (kind === "equal") text += prefixed(" ", a.slice(aStart, aEnd));
    else text += prefixed("-", a.slice(aStart, aEnd)) + prefixed("+", b.slice(bStart, bEnd));
  }
  return text;
}

function prefixed(prefix: string, lines: readonly string[]): string {
  return lines.map((line) => `${prefix}${line}\n`).join("");
}

/** Lines count from 1; an empty range lies after the line named. */
function formatRange(start: number, end: number): string {
  const length = end - start;
  if (length === 1) return `${start + 1}`;
  return length === 0 ? `${start},0` : `${start + 1},${length}`;
}
