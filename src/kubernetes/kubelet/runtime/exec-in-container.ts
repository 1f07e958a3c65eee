// Runs a command in a container to its end: for probes and hooks.

import { formatGrpcError, GrpcError, grpcCodes } from "#grpc";
import type { CriClient } from "../cri/cri-client.ts";

/** The command ended with another code than 0. */
export class ExitError extends Error {
  override readonly name = "ExitError";
  readonly exitCode: number;
  readonly output: Buffer;

  constructor(message: string, exitCode: number, output: Buffer) {
    super(message);
    this.exitCode = exitCode;
    this.output = output;
  }
}

/** The command took longer than it may. */
export class CommandTimeoutError extends Error {
  override readonly name = "CommandTimeoutError";
}

/** What it wrote, standard output first. `timeoutMs` 0: no limit. Throws ExitError, CommandTimeoutError, or what the runtime says. */
export async function execInContainer(
  cri: CriClient,
  containerId: string,
  command: readonly string[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Buffer> {
  const seconds = Math.ceil(timeoutMs / 1000);
  // The runtime kills the command in time; the call waits a little longer for the runtime to say so.
  const callTimeoutMs = seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1000 + 2000;
  try {
    const request = { containerId, cmd: command, timeout: seconds };
    const { stdout, stderr, exitCode } = await cri.call("ExecSync", request, { signal, timeoutMs: callTimeoutMs });
    const output = Buffer.concat([stdout, stderr]);
    if (exitCode === 0) return output;
    const text = Buffer.from(stderr).toString("utf8");
    throw new ExitError(`command '${command.join(" ")}' exited with ${exitCode}: ${text}`, exitCode, output);
  } catch (error) {
    if (!(error instanceof GrpcError)) throw error;
    if (error.code === grpcCodes.deadlineExceeded) {
      throw new CommandTimeoutError(
        `command timed out: ${JSON.stringify(command.join(" "))} timed out after ${seconds}s`,
      );
    }
    throw new Error(formatGrpcError(error), { cause: error });
  }
}
