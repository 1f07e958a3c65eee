// Runs programs: argument lists only (never a shell), output captured and bounded, killed when the signal fires.

import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { onAbort } from "./abort.ts";
import { CommandFailedError } from "./errors.ts";

export interface ExecOptions {
  readonly input?: string | Uint8Array;
  /** A file that is its input instead, however big: the program reads it itself. */
  readonly inputFile?: string;
  readonly cwd?: string;
  /** Added to this process's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Exit codes that are not an error. Default: 0. */
  readonly okCodes?: readonly number[];
}

export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What runs programs, so that tests can record instead. `argv[0]` is the program. */
export type Exec = (argv: readonly string[], options?: ExecOptions) => Promise<ExecResult>;

/** For programs whose exit code is an answer, whatever it is. */
export const anyCode: readonly number[] = Array.from({ length: 256 }, (_, code) => code);

const mostOutputBytes = 16 * 1024 * 1024;

/** Runs a program to its end. Throws CommandFailedError when it cannot start, is killed, or exits with a code not in `okCodes`. */
export const exec: Exec = (argv, options = {}) =>
  new Promise((resolve, reject) => {
    const [program, ...args] = argv;
    if (program === undefined) return reject(new Error("Cannot run a program: the argument list is empty"));
    if (options.signal?.aborted) return reject(options.signal.reason);
    const input = options.inputFile === undefined ? undefined : openSync(options.inputFile, "r");
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ? { ...process.env, ...options.env } : process.env,
      stdio: [input ?? "pipe", "pipe", "pipe"],
    });
    if (input !== undefined) closeSync(input);
    const stdout = collect(child.stdout!);
    const stderr = collect(child.stderr!);
    const release = onAbort(options.signal, () => child.kill("SIGKILL"));
    const fail = (code: number | undefined, reason: string) =>
      reject(new CommandFailedError(argv, code, stdout(), stderr(), reason));
    child.on("error", (error) => {
      release();
      fail(undefined, error.message);
    });
    child.on("close", (code, killedBy) => {
      release();
      if (options.signal?.aborted) return reject(options.signal.reason);
      if (code === null) return fail(undefined, `killed by ${killedBy}`);
      if (!(options.okCodes ?? [0]).includes(code)) return fail(code, `exit code ${code}`);
      resolve({ code, stdout: stdout(), stderr: stderr() });
    });
    // A program that exits without reading its input is no error of ours; its exit code tells.
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.input);
  });

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    if (size > mostOutputBytes) return;
    size += chunk.length;
    chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString("utf8");
}
