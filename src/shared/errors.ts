// The errors shown to people: what failed, why, and what to do. API errors have their own class in kubernetes/api.

export interface UserErrorOptions {
  /** What the person can do about it, one sentence each. */
  readonly hints?: readonly string[];
  /** Exit code of the command line; one of exitCodes. Default 1. */
  readonly exitCode?: number;
  readonly cause?: unknown;
}

/** An error whose message is meant for the person at the keyboard: "Cannot <action>: <state>", without a final dot. */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly hints: readonly string[];
  readonly exitCode: number;

  constructor(message: string, options: UserErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hints = options.hints ?? [];
    this.exitCode = options.exitCode ?? 1;
  }
}

/** A program that could not be started or that exited with another code than 0; keeps what is needed to run it again. */
export class CommandFailedError extends Error {
  override readonly name = "CommandFailedError";
  readonly argv: readonly string[];
  /** The exit code; undefined when it was killed by a signal or never started. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;

  constructor(argv: readonly string[], code: number | undefined, stdout: string, stderr: string, reason: string) {
    const tail = lastLines(stderr.trim() || stdout.trim(), 5);
    super(`Cannot run "${argv.join(" ")}": ${reason}${tail ? `: ${tail}` : ""}`);
    this.argv = argv;
    this.code = code;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

/** The message of whatever was thrown. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function lastLines(text: string, count: number): string {
  return text.split("\n").slice(-count).join("\n");
}
