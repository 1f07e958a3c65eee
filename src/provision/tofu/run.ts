// Runs OpenTofu: its messages as they come, its complaints as one UserError in the end, interrupted gently. It writes to a file and
// not to us: when we are killed it goes on to its end and keeps its state, where a broken pipe would end it half way.

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { onAbort } from "#shared";
import { describeFailure } from "./diagnose.ts";
import { followLines } from "./follow-lines.ts";
import { parseMessage, type TofuDiagnostic, type TofuMessage } from "./messages.ts";

export interface TofuRun {
  readonly command: string;
  readonly folder: string;
  readonly args: readonly string[];
  /** The file that all it says is written to; the last run's is lost. */
  readonly output: string;
  readonly signal: AbortSignal;
  readonly credentialsHint: string;
  /** Added to the environment. */
  readonly environment?: Readonly<Record<string, string>>;
  onMessage?(message: TofuMessage): void;
}

const mostOutput = 64 * 1024;

/** Runs to its end; when the signal fires, OpenTofu is asked to end, and does once its state is safe. */
export async function runTofu(run: TofuRun): Promise<void> {
  run.signal.throwIfAborted();
  const diagnostics: TofuDiagnostic[] = [];
  let otherOutput = "";
  const note = (text: string) => {
    otherOutput = `${otherOutput}${text}\n`.slice(-mostOutput);
  };
  const child = start(run);
  const exit = exitOf(child, note);
  const finish = followLines(run.output, (line) => {
    const message = parseMessage(line);
    if (message?.type === "diagnostic") diagnostics.push(message);
    if (message) run.onMessage?.(message);
    else if (!line.startsWith("{")) note(line);
  });
  const release = onAbort(run.signal, () => child.kill("SIGINT"));
  const exitCode = await exit;
  release();
  finish();
  run.signal.throwIfAborted();
  if (exitCode === 0) return;
  const { folder, credentialsHint, args } = run;
  throw describeFailure({ action: args[0]!, folder, credentialsHint, diagnostics, otherOutput, exitCode });
}

function start({ command, args, folder, environment, output }: TofuRun): ChildProcess {
  const file = openSync(output, "w", 0o600);
  try {
    // A process group of its own: Ctrl-C would reach it a second time, and two interrupts make it drop its state.
    return spawn(command, args, {
      cwd: folder,
      env: tofuEnvironment(environment),
      stdio: ["ignore", file, file],
      detached: true,
    });
  } finally {
    closeSync(file);
  }
}

/** What OpenTofu is started with: nobody is there to be asked. */
export function tofuEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, TF_IN_AUTOMATION: "1", TF_INPUT: "0", CHECKPOINT_DISABLE: "1", ...more };
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
