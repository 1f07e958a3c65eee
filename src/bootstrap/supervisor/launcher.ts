// Starts processes that outlive their supervisor, and takes over those that an earlier supervisor started.

import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { identifyProcess, isProcessAlive, type ProcessIdentity } from "#shared";
import type { UnitSpec } from "./unit.ts";

export interface RunningProcess {
  readonly identity: ProcessIdentity;
  /** Resolves when it has ended, with the reason: "exit code 1", "killed by SIGKILL". Never rejects. */
  readonly exited: Promise<string>;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

export interface Launcher {
  /** Throws where the program cannot be started. */
  launch(spec: UnitSpec): RunningProcess;
  /** The process, if it still runs. */
  adopt(identity: ProcessIdentity): RunningProcess | undefined;
}

export interface LauncherOptions {
  logFile(unit: string): string;
  /** Added to the unit's environment. */
  environmentOf(spec: UnitSpec): Readonly<Record<string, string>>;
}

/** How often it looks whether an adopted process lives: only the parent of a process is told of its end. */
const adoptedCheckMs = 1000;
/** And after it was told to end, when somebody waits for that. */
const killedCheckMs = 10;

export function createLauncher(options: LauncherOptions): Launcher {
  return {
    launch: (spec) => launchProcess(spec, options),
    adopt: (identity) => (isProcessAlive(identity) ? adoptProcess(identity) : undefined),
  };
}

function launchProcess(spec: UnitSpec, { logFile, environmentOf }: LauncherOptions): RunningProcess {
  const path = logFile(spec.name);
  mkdirSync(dirname(path), { recursive: true });
  // The process writes its log itself: a pipe to the supervisor would break with it.
  const log = openSync(path, "a");
  try {
    const [program, ...args] = spec.argv;
    const child = spawn(program!, args, {
      detached: true,
      stdio: ["ignore", log, log],
      cwd: "/",
      env: { ...process.env, ...environmentOf(spec), ...spec.env, SLIPWAY_UNIT: spec.name },
    });
    const exited = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => resolve(code === null ? `killed by ${signal}` : `exit code ${code}`));
    });
    // One that could not be started has no pid, and says why in `exited`.
    const identity = identifyProcess(child.pid ?? -1) ?? { pid: child.pid ?? -1, startTime: "" };
    return { identity, exited, kill: (signal) => void child.kill(signal) };
  } finally {
    closeSync(log);
  }
}

function adoptProcess(identity: ProcessIdentity): RunningProcess {
  const { promise: exited, resolve } = Promise.withResolvers<string>();
  let timer: NodeJS.Timeout;
  const lookEvery = (ms: number) => {
    clearInterval(timer);
    timer = setInterval(() => {
      if (isProcessAlive(identity)) return;
      clearInterval(timer);
      resolve("ended");
    }, ms);
    timer.unref();
  };
  lookEvery(adoptedCheckMs);
  return {
    identity,
    exited,
    kill(signal) {
      if (isProcessAlive(identity)) process.kill(identity.pid, signal);
      lookEvery(killedCheckMs);
    },
  };
}
