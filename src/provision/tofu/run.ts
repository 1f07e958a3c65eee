// Runs OpenTofu: its messages as they come, its complaints as one UserError in the end, interrupted gently.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { onAbort } from "#shared";
import { describeFailure } from "./diagnose.ts";
import { parseMessage, type TofuDiagnostic, type TofuMessage } from "./messages.ts";

export interface TofuRun {
  readonly command: string;
  readonly folder: string;
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  readonly credentialsHint: string;
  onMessage?(message: TofuMessage): void;
}

const mostOutput = 64 * 1024;

/** Runs to its end; when the signal fires, OpenTofu is asked to end, and does once its state is safe. */
export async function runTofu(run: TofuRun): Promise<void> {
  run.signal.throwIfAborted();
  const diagnostics: TofuDiagnostic[] = [];
  let otherOutput = "";
  // A process group of its own: Ctrl-C would reach it a second time, and two interrupts make it drop its state.
  const child = spawn(run.command, run.args, {
    cwd: run.folder,
    env: { ...process.env, TF_IN_AUTOMATION: "1", TF_INPUT: "0", CHECKPOINT_DISABLE: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const note = (text: string) => {
    otherOutput = `${otherOutput}${text}`.slice(-mostOutput);
  };
  child.stderr.on("data", (chunk: Buffer) => note(chunk.toString()));
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    const message = parseMessage(line);
    if (message?.type === "diagnostic") diagnostics.push(message);
    if (message) run.onMessage?.(message);
    else if (!line.startsWith("{")) note(`${line}\n`);
  });
  const release = onAbort(run.signal, () => child.kill("SIGINT"));
  const [exitCode] = await Promise.all([exitOf(child, note), linesEnd(lines)]);
  release();
  run.signal.throwIfAborted();
  if (exitCode === 0) return;
  const { folder, credentialsHint, args } = run;
  throw describeFailure({ action: args[0]!, folder, credentialsHint, diagnostics, otherOutput, exitCode });
}

function exitOf(child: ChildProcess, note: (text: string) => void): Promise<number | undefined> {
  return new Promise((resolve) => {
    child.on("error", (error) => {
      note(error.message);
      resolve(undefined);
    });
    child.on("close", (code) => resolve(code ?? undefined));
  });
}

function linesEnd(lines: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    lines.on("close", resolve);
  });
}
