// What became of a machine's bootstrap: one file on the machine, the same whoever carried the description out (SSH, cloud-init,
// Ignition), so that a failed bootstrap says why, at once.

import { createHash } from "node:crypto";
import type { MachineDescription } from "./machine-description.ts";

/** On the machine. The report is written anew after every command, whole or not at all. */
export const bootstrapFolder = "/var/lib/slipway/bootstrap";
export const reportPath = `${bootstrapFolder}/report.json`;

/** How much of a command's output is kept, from its end. */
export const outputTailBytes = 4096;

export interface CommandReport {
  /** The command's title, or its arguments. */
  readonly title: string;
  readonly exitCode: number;
  readonly ms: number;
  /** The end of what it wrote, to both its outputs. */
  readonly output: string;
  /** What it creates was there. */
  readonly skipped?: boolean;
}

export interface BootstrapReport {
  /** hashDescription of what was carried out. */
  readonly description: string;
  readonly state: "running" | "done" | "failed";
  /** As RFC 3339. */
  readonly startedAt: string;
  /** In the order in which they ran; after a failure, none follows. */
  readonly commands: readonly CommandReport[];
}

/** The same for the same description, whatever the order in which its fields were set. */
export function hashDescription(description: MachineDescription): string {
  const plain = (_: string, value: unknown): unknown => {
    if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString("base64") };
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  };
  return createHash("sha256").update(JSON.stringify(description, plain)).digest("hex");
}

/** The report in a file's text, or undefined where that is none. */
export function parseReport(text: string): BootstrapReport | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isReport(value) ? value : undefined;
}

function isReport(value: unknown): value is BootstrapReport {
  if (typeof value !== "object" || value === null) return false;
  const { description, state, startedAt, commands } = value as Partial<Record<keyof BootstrapReport, unknown>>;
  const isCommand = (entry: unknown): boolean => {
    if (typeof entry !== "object" || entry === null) return false;
    const { title, exitCode, ms, output } = entry as Partial<Record<keyof CommandReport, unknown>>;
    return (
      typeof title === "string" && typeof exitCode === "number" && typeof ms === "number" && typeof output === "string"
    );
  };
  return (
    typeof description === "string" &&
    typeof startedAt === "string" &&
    (state === "running" || state === "done" || state === "failed") &&
    Array.isArray(commands) &&
    commands.every(isCommand)
  );
}

/** The command that failed, if one did. */
export function failedCommand({ commands }: BootstrapReport): CommandReport | undefined {
  return commands.find(({ exitCode }) => exitCode !== 0);
}
