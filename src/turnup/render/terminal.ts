// Progress on a terminal: one line per phase, with a spinner while it runs and what it is at; a tick and its time when it is done.

import { styleText } from "node:util";
import type { EventListener, StepOutline, TurnupEvent } from "../events.ts";
import type { Phase } from "../step.ts";
import { formatDuration } from "./format-duration.ts";

export interface TerminalOptions {
  write(text: string): void;
  columns(): number;
  now?(): number;
  /** Calls back again and again while something runs; the answer ends it. Default: every 80 ms. */
  every?(action: () => void): () => void;
  /** Whether colours may be used. */
  colours?: boolean;
}

interface PhaseLine {
  readonly phase: Phase;
  readonly steps: Map<string, StepOutline>;
  readonly running: Map<string, string>;
  startedAt: number | undefined;
  doneAt: number | undefined;
  finished: number;
  failed: boolean;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const phases: readonly Phase[] = ["provision", "bootstrap", "addons", "verify"];
const names: Readonly<Record<Phase, string>> = {
  provision: "Provision",
  bootstrap: "Bootstrap",
  addons: "Add-ons",
  verify: "Verify",
};

export function renderTerminal(options: TerminalOptions): EventListener {
  const { now = Date.now, every = every80Ms } = options;
  const lines = new Map<Phase, PhaseLine>();
  let frame = 0;
  let drawn = 0;
  let stop = () => {};

  const draw = () => {
    const shown = [...lines.values()].filter(({ startedAt }) => startedAt !== undefined);
    const text = shown.map((line) => `${formatLine(line, frames[frame % frames.length]!, options, now())}\u001b[K\n`);
    options.write(`${drawn > 0 ? `\u001b[${drawn}A` : ""}${text.join("")}`);
    drawn = shown.length;
  };
  return (event) => {
    if (event.type === "run-started") {
      for (const phase of event.run === "up" ? phases : phases.toReversed()) {
        const steps = event.steps.filter((step) => step.phase === phase);
        for (const step of steps) lineOf(lines, phase).steps.set(step.id, step);
      }
      stop = every(() => {
        frame++;
        draw();
      });
    }
    for (const line of lines.values()) noteEvent(line, event, now());
    draw();
    if (event.type === "run-done" || event.type === "run-failed") stop();
  };
}

function every80Ms(action: () => void): () => void {
  const timer = setInterval(action, 80);
  timer.unref();
  return () => clearInterval(timer);
}

function lineOf(lines: Map<Phase, PhaseLine>, phase: Phase): PhaseLine {
  const known = lines.get(phase);
  if (known) return known;
  const line = {
    phase,
    steps: new Map(),
    running: new Map(),
    startedAt: undefined,
    doneAt: undefined,
    finished: 0,
    failed: false,
  };
  lines.set(phase, line);
  return line;
}

function noteEvent(line: PhaseLine, event: TurnupEvent, now: number): void {
  if (!("id" in event)) return;
  const step = line.steps.get(event.id);
  if (!step) return;
  if (event.type === "step-started") {
    line.startedAt ??= now;
    line.running.set(event.id, step.title);
  } else if (event.type === "step-progress") {
    line.running.set(event.id, `${step.title}: ${event.detail}`);
  } else {
    line.running.delete(event.id);
    line.finished++;
    line.failed ||= event.type === "step-failed";
    if (line.finished === line.steps.size) line.doneAt = now;
  }
}

function formatLine(line: PhaseLine, frame: string, options: TerminalOptions, now: number): string {
  const paint = (colour: "red" | "green" | "cyan" | "dim", text: string) =>
    options.colours ? styleText(colour, text, { validateStream: false }) : text;
  const elapsed = formatDuration((line.doneAt ?? now) - line.startedAt!);
  const name = names[line.phase].padEnd(10);
  const count = `${line.finished}/${line.steps.size}`;
  if (line.failed) return ` ${paint("red", "✗")} ${name} ${count}`;
  if (line.doneAt !== undefined) return ` ${paint("green", "✓")} ${name} ${paint("dim", elapsed)}`;
  const detail = [...line.running.values()].join(", ");
  const room = Math.max(options.columns() - name.length - count.length - 6, 10);
  return ` ${paint("cyan", frame)} ${name} ${count} ${paint("dim", shorten(detail, room))}`;
}

function shorten(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}
