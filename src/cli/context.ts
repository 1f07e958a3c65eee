// What a command gets from the outside, so that tests can give it something else.

import { type Exec, exec } from "#shared";
import type { Programs } from "#turnup";
import { commandArguments, processArguments } from "./programs.ts";
import { slipwayVersion } from "./version.ts";
import type { Keyboard } from "./wizard/keyboard.ts";
import { openKeyboard } from "./wizard/keyboard.ts";

export interface CliContext {
  /** Results: what a program would read. */
  out(text: string): void;
  /** Everything said to the person. */
  err(text: string): void;
  /** Whether what is said goes to a terminal that can move its cursor. */
  readonly isTerminal: boolean;
  readonly colours: boolean;
  columns(): number;
  /** Takes the person's keys; absent where nobody sits at a terminal that could be asked. */
  openKeyboard?(): Keyboard;
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly programs: Programs;
  /** How what a bundle holds is had: from hosts, and from this machine's apt. */
  readonly fetch: typeof fetch;
  readonly exec: Exec;
  /** Fires when the person interrupts. */
  readonly signal: AbortSignal;
}

export const thisInstallation: Programs = {
  process: processArguments,
  command: commandArguments,
  version: slipwayVersion,
};

/** The real thing: this process's streams and environment. */
export function processContext(signal: AbortSignal): CliContext {
  const { stdin, stdout, stderr, env } = process;
  const isTerminal = stderr.isTTY === true && env["TERM"] !== "dumb" && env["CI"] === undefined;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    isTerminal,
    colours: stderr.isTTY === true && env["NO_COLOR"] === undefined && env["TERM"] !== "dumb",
    // Some terminals do not know their width, and say 0.
    columns: () => stderr.columns || 80,
    ...(isTerminal && stdin.isTTY && { openKeyboard: () => openKeyboard(stdin, signal) }),
    environment: env,
    folder: process.cwd(),
    programs: thisInstallation,
    fetch,
    exec,
    signal,
  };
}
